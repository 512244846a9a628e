import assert from 'node:assert/strict';
import { AwsServiceError, type SessionCredentials, type Sts } from '../../../lib/aws/index.ts';
import { DeliveryError } from '../../../lib/errors/index.ts';
import { type Federation, federate, openFederation } from '../../../lib/identity/federation.ts';
import type { FederationSettings } from '../../../lib/identity/federation-settings.ts';
import type { RequestOptions } from '../../../lib/identity/request-id-token.ts';
import { type Connections, openConnections, ProxyRefusedError } from '../../../lib/network/index.ts';
import { Loopback } from '../network/loopback.ts';
import { connectionId, jwtOf, payloads, roleNamed, settings } from './samples.ts';

/** A session whose key tells which one it is. */
const sessionOf = (name: string): { credentials: SessionCredentials; assumedRoleArn: string } => ({
  credentials: {
    accessKeyId: `ASIA-${name}`,
    secretAccessKey: `secret-${name}`,
    sessionToken: `token-${name}`,
    expiration: new Date('2099-01-01T00:00:00Z'),
  },
  assumedRoleArn: `arn:aws:sts::111122223333:assumed-role/${name}/shop`,
});

const refusal = (code: string, status = 400, retryAfter?: number) =>
  new AwsServiceError({ code, message: `${code} it is`, status, requestId: 'req-1', retryAfter });
const reset = () => Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });

describe('a federation', () => {
  const { random } = Math;
  let loopback: Loopback;
  let connections: Connections;
  let tokenUrl: string;
  let issued: string[];
  /** How the next ID tokens are: seconds they live, and by how many the issuer's clock is ahead. */
  let life: number;
  let ahead: number;
  let tokenStatus: number;

  before(async () => {
    // Waits between attempts are drawn: here they are nothing.
    Math.random = () => 0;
    loopback = new Loopback();
    connections = openConnections({});
    const server = await loopback.http((_request, response) => {
      const now = Math.floor(Date.now() / 1000) + ahead;
      const payload = { ...payloads.vstoken, iat: now, nbf: now, exp: now + life, jti: issued.length };
      issued.push(jwtOf(payload));
      response.writeHead(tokenStatus, { date: new Date(now * 1000).toUTCString() });
      response.end(tokenStatus === 200 ? JSON.stringify({ oidcToken: issued.at(-1) }) : '{"message":"No."}');
    });
    tokenUrl = `http://127.0.0.1:${server.port}/oidctoken`;
  });
  after(() => {
    Math.random = random;
    connections.close();
    return loopback.close();
  });
  beforeEach(() => {
    issued = [];
    life = 300;
    ahead = 0;
    tokenStatus = 200;
  });

  /** What STS was asked, and with what it answers: an error is thrown, anything else given back. */
  let asked: { call: string; request: unknown; as?: string }[];
  function stsThat(...answers: unknown[]): Sts {
    asked = [];
    const answer = async (call: string, request: unknown, as?: SessionCredentials) => {
      asked.push({ call, request, ...(as ? { as: as.accessKeyId } : {}) });
      const next = answers.length > 1 ? answers.shift() : answers[0];
      if (next instanceof Error) throw next;
      return next as never;
    };
    return {
      endpoint: new URL('https://sts.eu-west-1.amazonaws.com/'),
      assumeRoleWithWebIdentity: (request) => answer('AssumeRoleWithWebIdentity', request),
      assumeRole: (request, as) => answer('AssumeRole', request, as),
      getCallerIdentity: (as) => answer('GetCallerIdentity', undefined, as),
    };
  }

  function open(
    sts: Sts,
    more: Partial<FederationSettings> = {},
    options: Partial<RequestOptions> = {},
  ): Federation {
    const source = { url: tokenUrl, connectionId, accessToken: 'job-token' };
    return openFederation({ ...settings, ...more }, source, sts, { connections, ...options });
  }

  async function faultOf(running: Promise<unknown>): Promise<DeliveryError> {
    const error = await running.then(
      () => assert.fail('it succeeded'),
      (error) => error,
    );
    assert(error instanceof DeliveryError, String(error));
    return error;
  }

  describe('keeps an ID token', () => {
    it('for as long as it is valid', async () => {
      const federation = open(stsThat(sessionOf('deployer')));
      await federation.idToken();
      await federation.assumeRole();
      assert.equal(issued.length, 1);
      assert.deepEqual(asked, [
        {
          call: 'AssumeRoleWithWebIdentity',
          request: {
            roleArn: settings.role.arn,
            sessionName: 'shop-build-42',
            durationSeconds: 3600,
            token: issued[0],
          },
        },
      ]);
    });

    it('but not one with less than half a minute left', async () => {
      life = 25;
      const federation = open(stsThat(sessionOf('deployer')));
      await federation.idToken();
      life = 300;
      await federation.assumeRole();
      assert.equal(issued.length, 2);
    });

    it("by the issuer's clock, not by the agent's", async () => {
      ahead = -600;
      const behind = open(stsThat(sessionOf('deployer')));
      await behind.idToken();
      await behind.idToken();
      assert.equal(issued.length, 1, 'seen from the agent, the token has expired');

      ahead = 600;
      life = 20;
      const before = open(stsThat(sessionOf('deployer')));
      await before.idToken();
      await before.idToken();
      assert.equal(issued.length, 3, 'seen from the agent, the token has ten minutes left');
    });
  });

  describe('tries again', () => {
    for (const error of [
      refusal('ThrottlingException'),
      refusal('Throttling'),
      refusal('RequestLimitExceeded', 503),
      refusal('InternalFailure', 500),
      refusal('HTTP 502', 502),
      refusal('HTTP 429', 429),
      refusal('IDPCommunicationError'),
      reset(),
      new ProxyRefusedError(new URL('http://proxy'), 503, ''),
    ]) {
      it(`after ${error instanceof AwsServiceError ? error.code : error.message}`, async () => {
        const told: string[] = [];
        const sts = stsThat(error, sessionOf('deployer'));
        const session = await open(sts, {}, { onRetry: (why) => told.push(why) }).assumeRole();
        assert.equal(session.credentials.accessKeyId, 'ASIA-deployer');
        assert.deepEqual(told, [error.message]);
        assert.equal(asked.length, 2);
        assert.equal(issued.length, 1);
      });
    }

    it('with a new ID token where the old one may have expired', async () => {
      life = 10;
      await open(stsThat(refusal('InternalFailure', 500), sessionOf('deployer'))).assumeRole();
      const tokens = asked.map(({ request }) => (request as { token: string }).token);
      assert.equal(new Set(tokens).size, 2);
      assert.deepEqual(tokens, issued.slice(-2));
    });

    it('for chained roles and for the proof as well', async () => {
      const role = roleNamed('publisher');
      const federation = open(stsThat(reset(), sessionOf('publisher')));
      await federation.assumeNextRole(settings.role, sessionOf('deployer'), role);
      assert.equal(asked.length, 2);
      const proof = open(stsThat(refusal('Throttling'), { accountId: '1', arn: 'a' }));
      await proof.callerIdentity(sessionOf('deployer'));
      assert.equal(asked.length, 2);
    });
  });

  describe('does not try again', () => {
    for (const code of [
      'AccessDenied',
      'InvalidIdentityToken',
      'ExpiredTokenException',
      'IDPRejectedClaim',
      'ValidationError',
      'RegionDisabledException',
      'PackedPolicyTooLarge',
      'HTTP 403',
    ]) {
      it(`after ${code}`, async () => {
        const error = await faultOf(open(stsThat(refusal(code, 403))).assumeRole());
        assert.match(error.fault.why ?? '', new RegExp(`${code} it is`));
        assert.equal(error.fault.requestId, 'req-1');
        assert.equal(asked.length, 1);
      });
    }

    it('when the ID token is refused', async () => {
      tokenStatus = 401;
      const error = await faultOf(open(stsThat(sessionOf('deployer'))).assumeRole());
      assert.equal(error.code, 'ID_TOKEN_REFUSED');
      assert.deepEqual([asked.length, issued.length], [0, 1]);
    });

    it('when the proxy forbids it', async () => {
      const forbidden = new ProxyRefusedError(new URL('http://proxy.corp:3128'), 403, 'Forbidden');
      const error = await faultOf(open(stsThat(forbidden)).assumeRole());
      assert.equal(error.code, 'PROXY_REFUSED');
      assert.match(error.fault.what, /sts\.eu-west-1\.amazonaws\.com/);
      assert.equal(asked.length, 1);
    });

    it('when it is cancelled, and ends with the reason', async () => {
      const controller = new AbortController();
      const reason = new Error('cancelled');
      const sts = stsThat(refusal('InternalFailure', 500, 10));
      const running = open(sts, {}, { signal: controller.signal, onRetry: () => controller.abort(reason) });
      await assert.rejects(running.assumeRole(), reason);
      assert.equal(asked.length, 1);
    });
  });

  describe('that has no more time', () => {
    it('says what STS said, and where', async () => {
      const error = await faultOf(open(stsThat(refusal('ThrottlingException', 400, 600))).assumeRole());
      assert.equal(error.code, 'SERVICE_UNAVAILABLE');
      assert.match(error.fault.what, /sts\.eu-west-1\.amazonaws\.com/);
      assert.match(error.fault.why ?? '', /ThrottlingException/);
      assert.equal(error.fault.requestId, 'req-1');
    });

    it("says of AWS's trouble with the issuer what there is to say of that", async () => {
      const error = await faultOf(open(stsThat(refusal('IDPCommunicationError', 400, 600))).assumeRole());
      assert.equal(error.code, 'ID_TOKEN_UNVERIFIED');
    });
  });

  for (const code of ['HTTP 200', 'HTTP 403']) {
    it(`takes no ${code} of something in between for a refusal by STS`, async () => {
      const error = await faultOf(open(stsThat(refusal(code, Number(code.slice(5))))).assumeRole());
      assert.equal(error.code, 'SERVICE_UNREACHABLE');
      assert.match(error.fault.what, /other than AWS STS .*sts\.eu-west-1\.amazonaws\.com/);
      assert.match(error.fault.remedy ?? '', /proxy.*AWS_ENDPOINT_URL_STS/);
    });
  }

  it('explains a refusal with the claims of the token that was refused', async () => {
    const error = await faultOf(open(stsThat(refusal('AccessDenied', 403))).assumeRole());
    assert.equal(error.code, 'ACCESS_DENIED');
    assert.match(error.fault.why ?? '', new RegExp(payloads.vstoken.sub));
  });

  it('explains the refusal of a proof', async () => {
    const error = await faultOf(
      open(stsThat(refusal('InvalidClientTokenId', 403))).callerIdentity(sessionOf('deployer')),
    );
    assert.equal(error.code, 'REQUEST_REFUSED');
    assert.match(error.fault.why ?? '', /InvalidClientTokenId/);
  });

  it('has every secret masked before it is given out', async () => {
    const masked: string[] = [];
    const federation = open(stsThat(sessionOf('a')), {}, { mask: (secret) => masked.push(secret) });
    await federation.assumeRole();
    await federation.assumeNextRole(settings.role, sessionOf('b'), roleNamed('c'));
    assert.deepEqual(masked, [issued[0], 'secret-a', 'token-a', 'secret-a', 'token-a']);
  });

  it('goes from role to role, each as the one before it', async () => {
    const chain = [roleNamed('packer'), roleNamed('publisher', '444455556666')];
    const sts = stsThat(sessionOf('deployer'), sessionOf('packer'), sessionOf('publisher'));
    const chained = { ...settings, chain, externalId: 'shop:42', sessionDuration: undefined };
    const session = await federate(open(sts, chained), chained);
    assert.equal(session.credentials.accessKeyId, 'ASIA-publisher');
    const shared = { sessionName: 'shop-build-42', durationSeconds: undefined };
    assert.deepEqual(asked, [
      {
        call: 'AssumeRoleWithWebIdentity',
        request: { roleArn: settings.role.arn, ...shared, token: issued[0] },
      },
      {
        call: 'AssumeRole',
        request: { roleArn: chain[0]?.arn, ...shared, externalId: 'shop:42' },
        as: 'ASIA-deployer',
      },
      {
        call: 'AssumeRole',
        request: { roleArn: chain[1]?.arn, ...shared, externalId: 'shop:42' },
        as: 'ASIA-packer',
      },
    ]);
  });
});
