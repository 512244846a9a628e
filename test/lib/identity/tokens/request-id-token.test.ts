import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { DeliveryError } from '../../../../lib/errors/index.ts';
import { type RequestOptions, requestIdToken } from '../../../../lib/identity/tokens/request-id-token.ts';
import { type Connections, openConnections, timeouts } from '../../../../lib/network/index.ts';
import { type Listening, Loopback } from '../../network/loopback.ts';
import { azureDevOps, connectionId, jwtOf, managedIdentity, payloads } from '../samples.ts';

const good = jwtOf(payloads.vstoken);

describe('asking for an ID token', () => {
  const usual = { timeouts: { ...timeouts }, random: Math.random };
  let loopback: Loopback;
  let connections: Connections;
  let server: Listening;
  let requests: { request: IncomingMessage; body: string }[];
  let answers: ((response: ServerResponse, request: IncomingMessage) => void)[];

  before(() => {
    Object.assign(timeouts, { connect: 0.5, response: 0.5 });
    // Waits between attempts are drawn: here they are nothing.
    Math.random = () => 0;
  });
  after(() => {
    Object.assign(timeouts, usual.timeouts);
    Math.random = usual.random;
  });

  beforeEach(async () => {
    loopback = new Loopback();
    connections = openConnections({});
    requests = [];
    server = await loopback.http((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text) => {
        body += text;
      });
      request.on('end', () => {
        requests.push({ request, body });
        const answer = answers.length > 1 ? answers.shift() : answers[0];
        answer?.(response, request);
      });
    });
  });
  afterEach(async () => {
    connections.close();
    await loopback.close();
  });

  const says =
    (status: number, body: unknown, headers: Record<string, string> = {}) =>
    (response: ServerResponse) =>
      response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));

  function ask(options: Partial<RequestOptions> = {}, url = `http://127.0.0.1:${server.port}/job/oidctoken`) {
    const source = { ...azureDevOps, url };
    return requestIdToken(source, { connections, ...options });
  }

  /** The error that a request ends with. */
  async function fault(options: Partial<RequestOptions> = {}): Promise<DeliveryError> {
    const error = await ask(options).then(
      () => assert.fail('it succeeded'),
      (error) => error,
    );
    assert(error instanceof DeliveryError, String(error));
    return error;
  }

  it('names the connection, the API version and the job, and wants no sign-in page', async () => {
    answers = [says(200, { oidcToken: good })];
    const { token } = await ask();
    assert.equal(token.value.reveal(), good);
    const [seen] = requests;
    assert.equal(seen?.request.method, 'POST');
    assert.equal(seen?.request.url, `/job/oidctoken?api-version=7.1&serviceConnectionId=${connectionId}`);
    assert.equal(seen?.body, '{}');
    const {
      authorization,
      'content-type': type,
      'x-tfs-fedauthredirect': redirect,
    } = seen?.request.headers ?? {};
    assert.deepEqual([authorization, type, redirect], ['Bearer job-token', 'application/json', 'Suppress']);
  });

  it('gives tokens of both issuers', async () => {
    for (const payload of Object.values(payloads)) {
      answers = [says(200, { oidcToken: jwtOf(payload), other: 'field' })];
      assert.equal((await ask()).token.claims.issuer, payload.iss);
    }
  });

  it('has the token masked before anything else is done with it', async () => {
    const masked: string[] = [];
    const mask = (secret: string) => void masked.push(secret);
    answers = [says(200, { oidcToken: good })];
    await ask({ mask });
    assert.deepEqual(masked, [good]);

    answers = [says(200, { oidcToken: 'not-a-token-but-who-knows' })];
    assert.equal((await fault({ mask })).code, 'ID_TOKEN_MALFORMED');
    assert.equal(masked.at(-1), 'not-a-token-but-who-knows');
  });

  it('learns how far the clocks differ', async () => {
    const ahead = (seconds: number) => new Date(Date.now() + seconds * 1000).toUTCString();
    answers = [says(200, { oidcToken: good }, { date: ahead(600) })];
    assert(Math.abs(((await ask()).clockAhead ?? 0) - 600) <= 2);
    answers = [says(200, { oidcToken: good }, { date: ahead(-90) })];
    assert(Math.abs(((await ask()).clockAhead ?? 0) + 90) <= 2);
    answers = [says(200, { oidcToken: good }, { date: 'yesterday' })];
    assert.equal((await ask()).clockAhead, undefined);
  });

  it("refuses the pipeline's own token", async () => {
    answers = [says(200, { oidcToken: jwtOf({ ...payloads.vstoken, sub: 'p://contoso/shop/nightly' }) })];
    const error = await fault();
    assert.equal(error.code, 'ID_TOKEN_WRONG_SUBJECT');
    assert.match(error.fault.why ?? '', /p:\/\/contoso\/shop\/nightly.*sc:\/\//);
    assert.equal(requests.length, 1);
  });

  const explicitReference = `There is no explicit reference to service connection ${connectionId} from current stage.`;
  const signIn = '<html><head><title>Azure DevOps Services | Sign In</title></head></html>';
  const refusals: Record<string, [answer: ReturnType<typeof says>, code: string, said: RegExp]> = {
    '200 with a complaint instead of a token': [
      says(200, { count: 1, value: explicitReference }),
      'ID_TOKEN_NO_REFERENCE',
      /There is no explicit reference/,
    ],
    '200 with a complaint in an object': [
      says(200, { count: 1, value: { Message: explicitReference } }),
      'ID_TOKEN_NO_REFERENCE',
      /There is no explicit reference/,
    ],
    '400 with a complaint as a message': [
      says(400, { $id: '1', message: explicitReference, typeKey: 'X' }),
      'ID_TOKEN_NO_REFERENCE',
      /There is no explicit reference/,
    ],
    '200 with something else': [says(200, { count: 0, value: 'Not now.' }), 'ID_TOKEN_REFUSED', /Not now\./],
    '200 with an empty token': [says(200, { oidcToken: '' }), 'ID_TOKEN_REFUSED', /200/],
    '200 with a token that is no text': [says(200, { oidcToken: 42 }), 'ID_TOKEN_REFUSED', /200/],
    '200 with nothing': [says(200, ''), 'ID_TOKEN_REFUSED', /200/],
    '200 with null': [says(200, 'null'), 'ID_TOKEN_REFUSED', /200/],
    '200 with a list': [says(200, []), 'ID_TOKEN_REFUSED', /200/],
    '203 with a sign-in page': [says(203, signIn), 'ID_TOKEN_REFUSED', /203.*sign-in page/],
    '302 to a sign-in page': [
      says(302, '', { location: 'https://app.vssps.visualstudio.com/_signin' }),
      'ID_TOKEN_REFUSED',
      /302.*sign-in page/,
    ],
    '401': [says(401, ''), 'ID_TOKEN_REFUSED', /401/],
    '403 with a reason': [
      says(403, { message: 'TF400813: The user is not authorized.' }),
      'ID_TOKEN_REFUSED',
      /TF400813/,
    ],
    '404 with a reason': [
      says(404, { message: 'The controller for path /oidctoken was not found.' }),
      'ID_TOKEN_NOT_ISSUED_HERE',
      /controller for path/,
    ],
    '404 with a page': [says(404, '<html></html>'), 'ID_TOKEN_NOT_ISSUED_HERE', /404/],
  };
  for (const [what, [answer, code, said]] of Object.entries(refusals)) {
    it(`that is answered ${what} is over at once: ${code}`, async () => {
      answers = [answer];
      const error = await fault();
      assert.equal(error.code, code);
      assert.match(JSON.stringify(error.fault), said);
      assert(!JSON.stringify(error.fault).includes('job-token'));
      assert.equal(requests.length, 1);
    });
  }

  it('names the connection that no input names, and how to name it', async () => {
    answers = [says(200, { count: 1, value: explicitReference })];
    const { fault: text } = await fault();
    assert(text.what.includes(connectionId));
    assert.match(text.remedy ?? '', /awsConnection: /);
  });

  for (const [what, answer] of [
    ['429', says(429, '{}')],
    ['500', says(500, signIn)],
    ['503', says(503, '')],
    ['a reset', (_response: ServerResponse, request: IncomingMessage) => request.socket.destroy()],
    ['nothing', () => {}],
  ] as const) {
    it(`tries again after ${what}, and says so`, async () => {
      answers = [answer, says(200, { oidcToken: good })];
      const told: string[] = [];
      const { token } = await ask({ onRetry: (why) => told.push(why) });
      assert.equal(token.claims.subject, payloads.vstoken.sub);
      assert.equal(requests.length, 2);
      assert.equal(told.length, 1);
    });
  }

  it('gives up on a service that asks for more time than there is', async () => {
    answers = [says(503, '', { 'retry-after': '600' })];
    const error = await fault();
    assert.equal(error.code, 'SERVICE_UNAVAILABLE');
    assert.match(JSON.stringify(error.fault), /127\.0\.0\.1.*503/);
    assert.equal(requests.length, 1);
  });

  it('ends with the reason when it is cancelled', async () => {
    answers = [() => {}];
    const controller = new AbortController();
    const running = ask({ signal: controller.signal });
    const reason = new Error('cancelled');
    setTimeout(() => controller.abort(reason), 20);
    await assert.rejects(running, reason);
  });

  it('says which host does not speak TLS, at once', async () => {
    const error = await ask({}, `https://127.0.0.1:${server.port}/`).catch((error) => error);
    assert(error instanceof DeliveryError);
    assert.equal(error.code, 'TLS_UNTRUSTED');
    assert(error.fault.what.includes(`127.0.0.1:${server.port}`));
  });

  describe('of a managed identity', () => {
    const token = says(200, { access_token: good });
    const askMachine = (options: Partial<RequestOptions> = {}) => {
      const url = `http://127.0.0.1:${server.port}/metadata/identity/oauth2/token`;
      return requestIdToken({ ...managedIdentity, url }, { connections, ...options });
    };
    const faultOf = async (): Promise<DeliveryError> => {
      const error = await askMachine().then(
        () => assert.fail('it succeeded'),
        (error) => error,
      );
      assert(error instanceof DeliveryError, String(error));
      return error;
    };

    it('is a GET with its header and its query, and nothing of a proxy', async () => {
      answers = [token];
      assert.equal((await askMachine()).token.value.reveal(), good);
      const { method, url = '', headers } = requests[0]?.request ?? assert.fail();
      assert.deepEqual([method, headers.metadata, headers['x-forwarded-for']], ['GET', 'true', undefined]);
      assert.match(url, /^\/metadata\/identity\/oauth2\/token\?api-version=2018-02-01&resource=api%3A%2F%2F/);
    });

    // 404 and 410: the endpoint is being updated; "retry with exponential backoff".
    for (const status of [404, 410, 429, 500, 503]) {
      it(`is asked for again after ${status}`, async () => {
        answers = [says(status, ''), token];
        const told: string[] = [];
        await askMachine({ onRetry: (why) => told.push(why) });
        assert.deepEqual(told, [`Azure's metadata service answered ${status}`]);
      });
    }

    for (const status of [400, 401, 403]) {
      it(`is not asked for again after ${status}`, async () => {
        answers = [says(status, { error: 'invalid_request', error_description: 'Identity not found' })];
        assert.equal((await faultOf()).code, 'MANAGED_IDENTITY_REFUSED');
        assert.equal(requests.length, 1);
      });
    }

    it('that does not come in time speaks of Azure, not of Azure DevOps', async () => {
      answers = [says(429, '', { 'retry-after': '600' })];
      const error = await faultOf();
      assert.equal(error.code, 'SERVICE_UNAVAILABLE');
      assert.match(JSON.stringify(error.fault), /Azure's metadata service.*azure\.status\.microsoft/);
      assert.doesNotMatch(JSON.stringify(error.fault), /Azure DevOps/);
    });
  });
});
