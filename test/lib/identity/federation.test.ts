import assert from 'node:assert/strict';
import {
  type AwsCredentials,
  AwsServiceError,
  type SessionCredentials,
  type Sts,
} from '../../../lib/aws/index.ts';
import { DeliveryError } from '../../../lib/errors/index.ts';
import {
  type Federation,
  federate,
  type MachineCredentials,
  openFederation,
} from '../../../lib/identity/federation.ts';
import type { FederationSettings } from '../../../lib/identity/federation-settings.ts';
import type { RequestOptions } from '../../../lib/identity/tokens/request-id-token.ts';
import { type Connections, openConnections, ProxyRefusedError } from '../../../lib/network/index.ts';
import { Loopback } from '../network/loopback.ts';
import {
  azureDevOps,
  deployer,
  jwtOf,
  managedIdentity,
  payloads,
  roleNamed,
  settings,
  unrestricted,
} from './samples.ts';

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
    const answer = async (call: string, request: unknown, as?: AwsCredentials) => {
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
    const origin = { kind: 'idToken', source: { ...azureDevOps, url: tokenUrl } } as const;
    return openFederation({ ...settings, origin, ...more }, sts, machine, { connections, ...options });
  }
  const machine: MachineCredentials = () => assert.fail('the machine was asked');

  /** Takes one leg: 0 is the ID token, 1 the first role, and so on. */
  async function take(federation: Federation, leg: number) {
    const [taken] = federation.legs.slice(leg);
    assert(taken, `there is a leg ${leg}`);
    return taken.take();
  }
  const idToken = (federation: Federation) => take(federation, 0);
  const assumeRole = (federation: Federation) => take(federation, 1);

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
      await idToken(federation);
      await assumeRole(federation);
      assert.equal(issued.length, 1);
      assert.deepEqual(asked, [
        {
          call: 'AssumeRoleWithWebIdentity',
          request: {
            roleArn: deployer.arn,
            sessionName: 'shop-build-42',
            durationSeconds: 3600,
            policy: undefined,
            policyArns: [],
            token: issued[0],
          },
        },
      ]);
    });

    it('but not one with less than half a minute left', async () => {
      life = 25;
      const federation = open(stsThat(sessionOf('deployer')));
      await idToken(federation);
      life = 300;
      await assumeRole(federation);
      assert.equal(issued.length, 2);
    });

    it("by the issuer's clock, not by the agent's", async () => {
      ahead = -600;
      const behind = open(stsThat(sessionOf('deployer')));
      await idToken(behind);
      await idToken(behind);
      assert.equal(issued.length, 1, 'seen from the agent, the token has expired');

      ahead = 600;
      life = 20;
      const before = open(stsThat(sessionOf('deployer')));
      await idToken(before);
      await idToken(before);
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
        const { session } = await assumeRole(open(sts, {}, { onRetry: (why) => told.push(why) }));
        assert.equal(session?.credentials.accessKeyId, 'ASIA-deployer');
        assert.deepEqual(told, [error.message]);
        assert.equal(asked.length, 2);
        assert.equal(issued.length, 1);
      });
    }

    it('with a new ID token where the old one may have expired', async () => {
      life = 10;
      await assumeRole(open(stsThat(refusal('InternalFailure', 500), sessionOf('deployer'))));
      const tokens = asked.map(({ request }) => (request as { token: string }).token);
      assert.equal(new Set(tokens).size, 2);
      assert.deepEqual(tokens, issued.slice(-2));
    });

    it('for chained roles and for the proof as well', async () => {
      const answers = [reset(), sessionOf('publisher'), refusal('Throttling'), { accountId: '1', arn: 'a' }];
      const federation = open(stsThat(sessionOf('deployer'), ...answers), {
        roles: [deployer, roleNamed('publisher')],
      });
      await federate(federation);
      assert.equal(asked.length, 3);
      await federation.callerIdentity();
      assert.equal(asked.length, 5);
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
        const error = await faultOf(assumeRole(open(stsThat(refusal(code, 403)))));
        assert.match(error.fault.why ?? '', new RegExp(`${code} it is`));
        assert.equal(error.fault.requestId, 'req-1');
        assert.equal(asked.length, 1);
      });
    }

    it('when the ID token is refused', async () => {
      tokenStatus = 401;
      const error = await faultOf(assumeRole(open(stsThat(sessionOf('deployer')))));
      assert.equal(error.code, 'ID_TOKEN_REFUSED');
      assert.deepEqual([asked.length, issued.length], [0, 1]);
    });

    it('when the proxy forbids it', async () => {
      const forbidden = new ProxyRefusedError(new URL('http://proxy.corp:3128'), 403, 'Forbidden');
      const error = await faultOf(assumeRole(open(stsThat(forbidden))));
      assert.equal(error.code, 'PROXY_REFUSED');
      assert.match(error.fault.what, /sts\.eu-west-1\.amazonaws\.com/);
      assert.equal(asked.length, 1);
    });

    it('when it is cancelled, and ends with the reason', async () => {
      const controller = new AbortController();
      const reason = new Error('cancelled');
      const sts = stsThat(refusal('InternalFailure', 500, 10));
      const running = open(sts, {}, { signal: controller.signal, onRetry: () => controller.abort(reason) });
      await assert.rejects(assumeRole(running), reason);
      assert.equal(asked.length, 1);
    });
  });

  describe('that has no more time', () => {
    it('says what STS said, and where', async () => {
      const error = await faultOf(assumeRole(open(stsThat(refusal('ThrottlingException', 400, 600)))));
      assert.equal(error.code, 'SERVICE_UNAVAILABLE');
      assert.match(error.fault.what, /sts\.eu-west-1\.amazonaws\.com/);
      assert.match(error.fault.why ?? '', /ThrottlingException/);
      assert.equal(error.fault.requestId, 'req-1');
    });

    it("says of AWS's trouble with the issuer what there is to say of that", async () => {
      const error = await faultOf(assumeRole(open(stsThat(refusal('IDPCommunicationError', 400, 600)))));
      assert.equal(error.code, 'ID_TOKEN_UNVERIFIED');
    });
  });

  for (const code of ['HTTP 200', 'HTTP 403']) {
    it(`takes no ${code} of something in between for a refusal by STS`, async () => {
      const error = await faultOf(assumeRole(open(stsThat(refusal(code, Number(code.slice(5)))))));
      assert.equal(error.code, 'SERVICE_UNREACHABLE');
      assert.match(error.fault.what, /other than AWS STS .*sts\.eu-west-1\.amazonaws\.com/);
      assert.match(error.fault.remedy ?? '', /proxy.*AWS_ENDPOINT_URL_STS/);
    });
  }

  it('explains a refusal with the claims of the token that was refused', async () => {
    const error = await faultOf(assumeRole(open(stsThat(refusal('AccessDenied', 403)))));
    assert.equal(error.code, 'ACCESS_DENIED');
    assert.match(error.fault.why ?? '', new RegExp(payloads.vstoken.sub));
  });

  it('explains the refusal of a proof', async () => {
    const federation = open(stsThat(sessionOf('deployer'), refusal('InvalidClientTokenId', 403)));
    await federate(federation);
    const error = await faultOf(federation.callerIdentity());
    assert.equal(error.code, 'REQUEST_REFUSED');
    assert.match(error.fault.why ?? '', /InvalidClientTokenId/);
  });

  it('has every secret masked before it is given out', async () => {
    const masked: string[] = [];
    const chained = { roles: [deployer, roleNamed('publisher')] };
    await federate(
      open(stsThat(sessionOf('a'), sessionOf('b')), chained, { mask: (secret) => masked.push(secret) }),
    );
    assert.deepEqual(masked, [issued[0], 'secret-a', 'token-a', 'secret-b', 'token-b']);
  });

  it('goes from role to role, each as the one before it', async () => {
    const roles = [deployer, roleNamed('packer'), roleNamed('publisher', '444455556666')];
    const sts = stsThat(sessionOf('deployer'), sessionOf('packer'), sessionOf('publisher'));
    const federation = open(sts, { roles, externalId: 'shop:42', sessionDuration: undefined });
    const session = await federate(federation);
    assert.equal(session.credentials.accessKeyId, 'ASIA-publisher');
    const shared = { sessionName: 'shop-build-42', durationSeconds: undefined };
    const last = { policy: undefined, policyArns: [] };
    const hop = { externalId: 'shop:42', tags: {}, transitiveTagKeys: [] };
    assert.deepEqual(asked, [
      {
        call: 'AssumeRoleWithWebIdentity',
        request: { roleArn: deployer.arn, ...shared, token: issued[0] },
      },
      { call: 'AssumeRole', request: { roleArn: roles[1]?.arn, ...shared, ...hop }, as: 'ASIA-deployer' },
      {
        call: 'AssumeRole',
        request: { roleArn: roles[2]?.arn, ...shared, ...last, ...hop },
        as: 'ASIA-packer',
      },
    ]);
    assert.deepEqual(
      federation.legs.map(({ title }) => title),
      [
        'Get an ID token for the service connection',
        `Assume ${deployer.arn} in eu-west-1`,
        `Assume ${roles[1]?.arn} as deployer`,
        `Assume ${roles[2]?.arn} as packer`,
      ],
    );
  });

  describe('from stored keys', () => {
    const keys = { accessKeyId: 'AKIA-build', secretAccessKey: 'build-secret' };
    const origin = { kind: 'keys', keys, named: 'the service connection' } as const;

    it('goes to the role with them', async () => {
      const masked: string[] = [];
      const federation = open(
        stsThat(sessionOf('deployer')),
        { origin },
        { mask: (text) => masked.push(text) },
      );
      assert.equal((await federate(federation)).credentials.accessKeyId, 'ASIA-deployer');
      assert.deepEqual(
        asked.map(({ call, as }) => [call, as]),
        [['AssumeRole', 'AKIA-build']],
      );
      assert.deepEqual(
        federation.legs.map(({ title }) => title),
        ['Use the keys of the service connection', `Assume ${deployer.arn} in eu-west-1`],
      );
      assert.deepEqual(masked, ['build-secret', 'secret-deployer', 'token-deployer']);
      assert.equal(issued.length, 0);
    });

    it('is at its end where there is no role', async () => {
      const federation = open(stsThat({ accountId: '1', arn: 'user' }), { origin, roles: [] });
      assert.deepEqual((await federate(federation)).credentials, keys);
      await federation.callerIdentity();
      assert.deepEqual(asked, [{ call: 'GetCallerIdentity', request: undefined, as: 'AKIA-build' }]);
    });

    it('explains keys that AWS does not know', async () => {
      const federation = open(stsThat(refusal('InvalidClientTokenId', 403)), { origin, roles: [] });
      await federate(federation);
      const error = await faultOf(federation.callerIdentity());
      assert.equal(error.code, 'REQUEST_REFUSED');
      assert.match(error.fault.remedy ?? '', /deactivated/);
    });
  });

  it('from a machine asks it once, where it was told to look', async () => {
    const environment = { AWS_PROFILE: 'agent' };
    const looked: unknown[] = [];
    const federation = openFederation(
      { ...settings, origin: { kind: 'machine', environment } },
      stsThat(sessionOf('deployer')),
      async (where, way) => {
        looked.push(where, way);
        return { accessKeyId: 'ASIA-machine', secretAccessKey: 's', sessionToken: 't' };
      },
      { connections },
    );
    await federate(federation);
    assert.deepEqual(looked, [environment, connections]);
    assert.deepEqual(
      asked.map(({ call, as }) => [call, as]),
      [['AssumeRole', 'ASIA-machine']],
    );
    assert.equal(federation.legs[0]?.title, 'Find AWS credentials on this machine');
  });

  it('from a machine that has none names every place that was looked at', async () => {
    const federation = openFederation(
      { ...settings, origin: { kind: 'machine', environment: {} } },
      stsThat(),
      // As the program that is loaded apart throws it: no class is shared with it.
      () => Promise.reject(new Error('Could not load credentials from any providers')),
      { connections },
    );
    const error = await faultOf(federate(federation));
    assert.equal(error.code, 'NO_CREDENTIALS');
    assert.match(error.fault.why ?? '', /any providers/);
    for (const place of [
      'AWS_ACCESS_KEY_ID',
      'AWS_PROFILE',
      'AWS_WEB_IDENTITY_TOKEN_FILE',
      'EKS',
      'IMDSv2',
    ]) {
      assert(error.fault.remedy?.includes(place), place);
    }
  });

  it('from a managed identity says so', () => {
    const origin = { kind: 'idToken', source: managedIdentity } as const;
    assert.equal(
      open(stsThat(), { origin }).legs[0]?.title,
      "Get an ID token of the machine's managed identity",
    );
  });

  it('restricts the last session only, and tags it', async () => {
    const roles = [deployer, roleNamed('packer'), roleNamed('publisher')];
    const restrictions = {
      tags: { project: 'shop', stage: 'production' },
      transitiveTagKeys: ['project'],
      policy: '{}',
      policyArns: ['arn:aws:iam::aws:policy/ReadOnlyAccess'],
    };
    await federate(open(stsThat(sessionOf('x')), { roles, restrictions }));
    const [first, second, third] = asked.map(({ request }) => request as Record<string, unknown>);
    const { policy, policyArns } = restrictions;
    assert.deepEqual([first?.policy, second?.policy, third?.policy], [undefined, undefined, policy]);
    assert.deepEqual([first?.policyArns, third?.policyArns], [undefined, policyArns]);
    assert.deepEqual(
      [first?.tags, second?.tags, third?.tags],
      [undefined, { project: 'shop' }, { stage: 'production' }],
    );
    assert.deepEqual([second?.transitiveTagKeys, third?.transitiveTagKeys], [['project'], []]);
  });

  it('restricts the only session of an ID token', async () => {
    const restrictions = { ...unrestricted, policy: '{}' };
    await federate(open(stsThat(sessionOf('x')), { restrictions }));
    const [{ request } = assert.fail()] = asked;
    assert.equal((request as { policy?: string }).policy, '{}');
  });

  it('cannot tell who one is before any leg is taken', () => {
    assert.throws(() => open(stsThat()).session(), /no leg/);
  });
});
