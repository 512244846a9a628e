import assert from 'node:assert/strict';
import fc from 'fast-check';
import { AwsError } from '../../../sandbox/aws/errors.ts';
import { type SigningKey, verifySignature } from '../../../sandbox/aws/sigv4.ts';
import type { SandboxRequest } from '../../../sandbox/http.ts';
import { requestOf, signer } from './sts-caller.ts';

const accessKeyId = 'AKIDEXAMPLE';
const secretAccessKey = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const scope = { region: 'us-east-1', service: 'service' };
const signedAt = new Date('2015-08-30T12:36:00Z');

interface Expectation {
  readonly scope?: { readonly region: string; readonly service: string };
  readonly now?: Date;
  readonly key?: Partial<SigningKey>;
}

/** The access key id that signed, or the refusal. */
function verify(
  request: SandboxRequest,
  { scope: expected = scope, now = signedAt, key }: Expectation = {},
): string {
  try {
    return verifySignature(request, expected, now, (id) =>
      id === accessKeyId ? { secretAccessKey, ...key } : undefined,
    );
  } catch (error) {
    if (error instanceof AwsError) return `${error.code}: ${error.message}`;
    throw error;
  }
}

interface Parts {
  readonly method?: string;
  readonly host?: string;
  readonly path?: string;
  readonly query?: Readonly<Record<string, string | string[]>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly sessionToken?: string;
}

/** A query as clients write it. */
const written = (query: Readonly<Record<string, string | string[]>>) =>
  Object.entries(query)
    .flatMap(([name, values]) =>
      [values].flat().map((value) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`),
    )
    .join('&');

const httpRequest = ({
  method = 'POST',
  host = 'service.us-east-1.amazonaws.com',
  path = '/',
  query = {},
  headers = {},
  body = '',
}: Parts) => ({
  method,
  protocol: 'https:',
  hostname: host,
  path,
  query: Object.fromEntries(Object.entries(query).map(([name, value]) => [name, value])),
  headers: { host, ...headers },
  body,
});

const sign = ({ sessionToken }: Parts) =>
  signer(
    { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) },
    scope.region,
    scope.service,
  );

async function signed(parts: Parts = {}): Promise<SandboxRequest> {
  const { headers } = await sign(parts).sign(httpRequest(parts), { signingDate: signedAt });
  const {
    method = 'POST',
    host = 'service.us-east-1.amazonaws.com',
    path = '/',
    query = {},
    body = '',
  } = parts;
  return requestOf({
    method,
    host,
    rawUrl: `${path}${written(query) && `?${written(query)}`}`,
    headers,
    body,
  });
}

async function presigned(parts: Parts = {}, expiresIn = 60): Promise<SandboxRequest> {
  const all = { method: 'GET', ...parts };
  const { query = {} } = await sign(all).presign(httpRequest(all), { signingDate: signedAt, expiresIn });
  const given = Object.fromEntries(Object.entries(query).map(([name, value]) => [name, value ?? '']));
  const request = requestOf({
    method: 'GET',
    host: 'service.us-east-1.amazonaws.com',
    rawUrl: `/?${written(given)}`,
  });
  return { ...request, headers: { host: 'service.us-east-1.amazonaws.com', ...parts.headers } };
}

const later = (seconds: number) => new Date(signedAt.getTime() + seconds * 1000);
const mismatch =
  'SignatureDoesNotMatch: The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.';

describe('Signature Version 4', () => {
  describe('accepts', () => {
    it("the example of AWS's documentation", () => {
      const request = requestOf({
        method: 'GET',
        host: 'iam.amazonaws.com',
        rawUrl: '/?Action=ListUsers&Version=2010-05-08',
        headers: {
          'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
          'x-amz-date': '20150830T123600Z',
          authorization:
            'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
        },
      });
      assert.equal(verify(request, { scope: { region: 'us-east-1', service: 'iam' } }), accessKeyId);
    });

    it("the first of AWS's test vectors", () => {
      const request = {
        ...requestOf({ method: 'GET', host: 'example.amazonaws.com' }),
        headers: {
          host: 'example.amazonaws.com',
          'x-amz-date': '20150830T123600Z',
          authorization:
            'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
        },
      };
      assert.equal(verify(request), accessKeyId);
    });

    const requests: readonly [what: string, parts: Parts][] = [
      ['a form', { body: 'Action=GetCallerIdentity&Version=2011-06-15' }],
      ['a session token', { sessionToken: 'session token with spaces' }],
      [
        'headers with many spaces',
        { headers: { 'x-amz-meta': '  a   b  ', 'content-type': 'text/plain;  charset=utf-8' } },
      ],
      ['a path with escapes', { path: '/clusters/a%20b/arn%3Aaws%3Aeks' }],
      ['a path that climbs', { path: '/a/./b/../c//d/' }],
      [
        'a query in any order',
        { query: { b: '2', a: ['2', '1'], 'A-b': "it's (*)", ü: '', 'a+b': 'c+d e' } },
      ],
      ['a body that is not ASCII', { body: 'Name=Künstler🔑' }],
    ];
    for (const [what, parts] of requests) {
      it(`what the SDK's signer signs: ${what}`, async () => {
        const key = parts.sessionToken === undefined ? {} : { sessionToken: parts.sessionToken };
        assert.equal(verify(await signed(parts), { key }), accessKeyId);
      });
    }

    it("what the SDK's signer presigns", async () => {
      assert.equal(verify(await presigned()), accessKeyId);
      assert.equal(
        verify(await presigned({ query: { Action: 'GetCallerIdentity', Version: '2011-06-15' } })),
        accessKeyId,
      );
      assert.equal(verify(await presigned({ headers: { 'x-k8s-aws-id': 'shop' } })), accessKeyId);
      assert.equal(
        verify(await presigned({ sessionToken: 'a+b/c==' }), { key: { sessionToken: 'a+b/c==' } }),
        accessKeyId,
      );
    });

    it("whatever the SDK's signer signs", async () => {
      const text = fc.string({ unit: 'grapheme', maxLength: 12 });
      const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9._~ +-]{0,8}$/);
      const segment = fc
        .stringMatching(/^[A-Za-z0-9_~-][A-Za-z0-9._~ :-]{0,8}$/)
        .map((plain) => encodeURIComponent(plain));
      const arbitrary = fc.record({
        method: fc.constantFrom('GET', 'POST', 'PUT'),
        path: fc.array(segment, { maxLength: 4 }).map((segments) => `/${segments.join('/')}`),
        query: fc.dictionary(name, text, { maxKeys: 4 }),
        body: text,
      });
      await fc.assert(
        fc.asyncProperty(arbitrary, async (parts) => {
          assert.equal(verify(await signed(parts)), accessKeyId);
        }),
        { numRuns: 150 },
      );
    });

    it('what is five minutes old or young, and no more', async () => {
      const request = await signed();
      assert.equal(verify(request, { now: later(300) }), accessKeyId);
      assert.equal(verify(request, { now: later(-300) }), accessKeyId);
      assert.equal(
        verify(request, { now: later(301) }),
        'SignatureDoesNotMatch: Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z (20150830T124101Z - 5 min.)',
      );
      assert.equal(
        verify(request, { now: later(-301) }),
        'SignatureDoesNotMatch: Signature not yet current: 20150830T123600Z is still later than 20150830T123559Z (20150830T123059Z + 5 min.)',
      );
    });

    it('presigned URLs for as long as they say, and no longer', async () => {
      for (const seconds of [1, 60, 900]) {
        const request = await presigned({}, seconds);
        assert.equal(verify(request, { now: later(seconds) }), accessKeyId);
        assert.match(
          verify(request, { now: later(seconds + 1) }),
          /^SignatureDoesNotMatch: Signature expired: /,
        );
      }
      assert.match(verify(await presigned(), { now: later(-301) }), /Signature not yet current/);
    });
  });

  describe('refuses', () => {
    const changes: readonly [what: string, change: (request: SandboxRequest) => Partial<SandboxRequest>][] = [
      ['another method', () => ({ method: 'PUT' })],
      ['another path', () => ({ path: '/b' })],
      ['another query', () => ({ rawUrl: '/a?x=2' })],
      ['another body', () => ({ body: Buffer.from('b') })],
      ['another host', ({ headers }) => ({ headers: { ...headers, host: 'other.amazonaws.com' } })],
      ['another signed header', ({ headers }) => ({ headers: { ...headers, 'x-amz-meta': 'b' } })],
      ['another time', ({ headers }) => ({ headers: { ...headers, 'x-amz-date': '20150830T123601Z' } })],
      [
        'another signature',
        ({ headers }) => ({
          headers: {
            ...headers,
            authorization: String(headers.authorization).replace(/.{64}$/, '0'.repeat(64)),
          },
        }),
      ],
      [
        'a signature that is cut off',
        ({ headers }) => ({
          headers: { ...headers, authorization: String(headers.authorization).slice(0, -1) },
        }),
      ],
      [
        'no signature',
        ({ headers }) => ({
          headers: {
            ...headers,
            authorization: String(headers.authorization).replace(/Signature=.*$/, 'Signature='),
          },
        }),
      ],
    ];
    for (const [what, change] of changes) {
      it(`${what} than was signed`, async () => {
        const request = await signed({
          path: '/a',
          query: { x: '1' },
          headers: { 'x-amz-meta': 'a' },
          body: 'a',
        });
        assert.equal(verify(request), accessKeyId);
        assert.equal(verify({ ...request, ...change(request) }), mismatch);
      });
    }

    it('another secret', async () => {
      assert.equal(verify(await signed(), { key: { secretAccessKey: 'x' } }), mismatch);
      assert.equal(verify(await presigned(), { key: { secretAccessKey: 'x' } }), mismatch);
    });

    it('a presigned URL that was changed', async () => {
      const request = await presigned({ query: { Action: 'GetCallerIdentity' } });
      const changed = (from: string | RegExp, to: string) =>
        verify({ ...request, rawUrl: request.rawUrl.replace(from, to) });
      assert.equal(changed('GetCallerIdentity', 'GetAccessKeyInfo'), mismatch);
      assert.equal(changed('X-Amz-Expires=60', 'X-Amz-Expires=600'), mismatch);
      assert.equal(changed('20150830T123600Z', '20150830T123601Z'), mismatch);
      assert.equal(verify({ ...request, rawUrl: `${request.rawUrl}&X=1` }), mismatch);
      assert.equal(verify({ ...request, headers: { host: 'other' } }), mismatch);
    });

    const withHeader = (
      authorization: string | undefined,
      more: Readonly<Record<string, string>> = { 'x-amz-date': '20150830T123600Z' },
    ) => verify(requestOf({ headers: { ...more, ...(authorization !== undefined && { authorization }) } }));
    const header = ({
      credential = 'AKIDEXAMPLE/20150830/us-east-1/service/aws4_request',
      signedHeaders = 'content-type;host;x-amz-date',
    } = {}) =>
      `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${signedHeaders}, Signature=${'0'.repeat(64)}`;

    const headers: readonly [what: string, outcome: () => string, refusal: RegExp][] = [
      [
        'no signature at all',
        () => withHeader(undefined),
        /^MissingAuthenticationToken: Request is missing Authentication Token$/,
      ],
      ['an empty header', () => withHeader(''), /^IncompleteSignature: Unsupported AWS 'algorithm': ''\.$/],
      [
        'a bearer token',
        () => withHeader('Bearer x'),
        /^IncompleteSignature: Unsupported AWS 'algorithm': 'Bearer'\.$/,
      ],
      [
        'another algorithm',
        () => withHeader(header().replace('SHA256', 'SHA512')),
        /Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA512'/,
      ],
      [
        'a field without value',
        () => withHeader('AWS4-HMAC-SHA256 Credential'),
        /'Credential' not a valid key=value pair \(missing equal-sign\)/,
      ],
      [
        'missing fields',
        () => withHeader('AWS4-HMAC-SHA256 Credential=x'),
        /requires 'Signature' parameter\. Authorization header requires 'SignedHeaders' parameter\./,
      ],
      ['no date', () => withHeader(header(), {}), /existence of either a 'X-Amz-Date' or a 'Date' header/],
      [
        'a date in another format',
        () => withHeader(header(), { 'x-amz-date': '2015-08-30T12:36:00Z' }),
        /Date must be in ISO-8601 'basic format'/,
      ],
      [
        'a date that is none',
        () => withHeader(header(), { 'x-amz-date': '20151330T123600Z' }),
        /Date must be in ISO-8601/,
      ],
      [
        'a credential without scope',
        () => withHeader(header({ credential: 'AKIDEXAMPLE' })),
        /must have exactly 5 slash-delimited elements/,
      ],
      [
        'a credential with too much scope',
        () => withHeader(header({ credential: 'AKIDEXAMPLE/20150830/us-east-1/service/aws4_request/x' })),
        /must have exactly 5 slash-delimited elements/,
      ],
      [
        'an unknown key',
        () => withHeader(header({ credential: 'AKIDOTHER/20150830/us-east-1/service/aws4_request' })),
        /^InvalidClientTokenId: The security token included in the request is invalid\.$/,
      ],
      [
        'another day in the scope',
        () => withHeader(header({ credential: 'AKIDEXAMPLE/20150829/us-east-1/service/aws4_request' })),
        /Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20150829' != '20150830'/,
      ],
      [
        'another Region',
        () => withHeader(header({ credential: 'AKIDEXAMPLE/20150830/eu-west-1/service/aws4_request' })),
        /should be scoped to a valid Region, not 'eu-west-1'/,
      ],
      [
        'another service',
        () => withHeader(header({ credential: 'AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request' })),
        /should be scoped to correct service: 'service'/,
      ],
      [
        'another terminator',
        () => withHeader(header({ credential: 'AKIDEXAMPLE/20150830/us-east-1/service/aws5_request' })),
        /should be scoped with a valid terminator: 'aws4_request'/,
      ],
      [
        'a host that is not signed',
        () => withHeader(header({ signedHeaders: 'content-type;x-amz-date' })),
        /'host' must be a 'SignedHeader'/,
      ],
      [
        'a date that is not signed',
        () => withHeader(header({ signedHeaders: 'content-type;host' })),
        /'x-amz-date' must be a 'SignedHeader'/,
      ],
      [
        'an x-amz header that is not signed',
        () => withHeader(header(), { 'x-amz-date': '20150830T123600Z', 'x-amz-target': 'x' }),
        /'x-amz-target' must be a 'SignedHeader'/,
      ],
      [
        'signed headers out of order',
        () => withHeader(header({ signedHeaders: 'host;content-type;x-amz-date' })),
        /alphabetical order/,
      ],
      [
        'signed headers in capitals',
        () => withHeader(header({ signedHeaders: 'Host;x-amz-date' })),
        /lower-case/,
      ],
      [
        'a signed header twice',
        () => withHeader(header({ signedHeaders: 'host;host;x-amz-date' })),
        /alphabetical order/,
      ],
      [
        'a signed header that is not there',
        () => withHeader(header({ signedHeaders: 'host;x-amz-date;x-other' })),
        /'x-other' is not in the request/,
      ],
    ];
    for (const [what, outcome, refusal] of headers) it(what, () => assert.match(outcome(), refusal));

    it('a session without its token, with another, and a user with one', async () => {
      const refusal = 'InvalidClientTokenId: The security token included in the request is invalid.';
      assert.equal(verify(await signed(), { key: { sessionToken: 'token' } }), refusal);
      assert.equal(
        verify(await signed({ sessionToken: 'other' }), { key: { sessionToken: 'token' } }),
        refusal,
      );
      assert.equal(verify(await signed({ sessionToken: 'token' })), refusal);
      assert.equal(
        verify(await presigned({ sessionToken: 'other' }), { key: { sessionToken: 'token' } }),
        refusal,
      );
    });

    it('a session that is over, from that moment on', async () => {
      const key = { sessionToken: 'token', expiration: later(10) };
      const request = await signed({ sessionToken: 'token' });
      assert.equal(verify(request, { key, now: later(9.999) }), accessKeyId);
      assert.equal(
        verify(request, { key, now: later(10) }),
        'ExpiredToken: The security token included in the request is expired',
      );
    });

    it('a presigned URL that lacks something, or says it twice', async () => {
      const request = await presigned();
      const changed = (from: string | RegExp, to: string) =>
        verify({ ...request, rawUrl: request.rawUrl.replace(from, to) });
      for (const name of ['Credential', 'Date', 'Expires', 'SignedHeaders', 'Signature']) {
        assert.match(
          changed(new RegExp(`X-Amz-${name}=[^&]*`), 'x=y'),
          new RegExp(`^IncompleteSignature: .*'X-Amz-${name}'`),
        );
      }
      assert.match(
        changed('X-Amz-Expires=60', 'X-Amz-Expires=60&X-Amz-Expires=600'),
        /^IncompleteSignature: .*twice/,
      );
      assert.match(
        changed('AWS4-HMAC-SHA256', 'AWS4-ECDSA-P256-SHA256'),
        /^IncompleteSignature: Unsupported AWS 'algorithm'/,
      );
      for (const expires of ['0', '604801', '-1', '60.5', '']) {
        assert.match(
          changed('X-Amz-Expires=60', `X-Amz-Expires=${expires}`),
          /^IncompleteSignature: X-Amz-Expires/,
        );
      }
      assert.match(changed('X-Amz-Date=', '%zz&X-Amz-Date='), /^IncompleteSignature: .*not percent-encoded/);
    });

    it('a signature in the header and in the query', async () => {
      const [one, other] = [await signed(), await presigned()];
      assert.match(
        verify({ ...other, headers: { ...one.headers } }),
        /^IncompleteSignature: .* in the Authorization header and in the query/,
      );
    });
  });
});
