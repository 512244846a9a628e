import assert from 'node:assert/strict';
import {
  AssumeRoleCommand,
  AssumeRoleWithWebIdentityCommand,
  GetCallerIdentityCommand,
  STSClient,
  STSServiceException,
} from '@aws-sdk/client-sts';
import { AwsServiceError, createSts, type SessionCredentials, type Sts } from '../../../lib/aws/index.ts';
import { type Connections, openConnections } from '../../../lib/network/index.ts';
import { type SigningKey, verifySignature } from '../../../sandbox/aws/sigv4.ts';
import { Loopback } from '../network/loopback.ts';

// The SDK's notice about coming Node versions says nothing to a reader of test results.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

const region = 'eu-west-1';
const role = 'arn:aws:iam::111122223333:role/deployer';
const session: SessionCredentials = {
  accessKeyId: 'ASIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  sessionToken: 'IQoJb3JpZ2luX2VjE//+==',
  expiration: new Date('2099-11-21T11:00:00Z'),
};

const credentialsXml = `<Credentials>
  <AccessKeyId>${session.accessKeyId}</AccessKeyId>
  <SecretAccessKey>${session.secretAccessKey}</SecretAccessKey>
  <SessionToken>${session.sessionToken}</SessionToken>
  <Expiration>2099-11-21T11:00:00Z</Expiration>
</Credentials>`;
const answered = (
  action: string,
  result: string,
) => `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <${action}Result>${result}</${action}Result>
  <ResponseMetadata><RequestId>9e4a3c1d-0000-1111-2222-333344445555</RequestId></ResponseMetadata>
</${action}Response>`;
const webIdentityXml = answered(
  'AssumeRoleWithWebIdentity',
  `<SubjectFromWebIdentityToken>sc://contoso/shop/aws</SubjectFromWebIdentityToken>
  <Audience>api://AzureADTokenExchange</Audience>
  <AssumedRoleUser>
    <Arn>arn:aws:sts::111122223333:assumed-role/deployer/shop-1</Arn>
    <AssumedRoleId>AROACLKWSDQRAOEXAMPLE:shop-1</AssumedRoleId>
  </AssumedRoleUser>${credentialsXml}
  <Provider>arn:aws:iam::111122223333:oidc-provider/vstoken.dev.azure.com/x</Provider>`,
);
const assumeRoleXml = answered(
  'AssumeRole',
  `<AssumedRoleUser><AssumedRoleId>AROACLKWSDQRAOEXAMPLE:a&amp;b</AssumedRoleId>
  <Arn>arn:aws:sts::111122223333:assumed-role/deployer/a&#61;b</Arn></AssumedRoleUser>${credentialsXml}`,
);
const callerXml = answered(
  'GetCallerIdentity',
  `<Arn>arn:aws:sts::111122223333:assumed-role/deployer/shop-1</Arn>
  <UserId>AROACLKWSDQRAOEXAMPLE:shop-1</UserId><Account>111122223333</Account>`,
);

describe('STS', () => {
  let loopback: Loopback;
  let connections: Connections;
  let endpoint: string;
  let sts: Sts;
  let sdk: STSClient;
  let answer: Answer;
  let seen: Seen[];

  before(async () => {
    loopback = new Loopback();
    connections = openConnections({});
    const server = await loopback.http((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { method = '', url = '', headers } = request;
        seen.push({ method, url, headers: headers as Record<string, string>, body: Buffer.concat(chunks) });
        response.writeHead(answer.status ?? 200, { 'content-type': 'text/xml', ...answer.headers });
        response.end(answer.body);
      });
    });
    endpoint = `http://127.0.0.1:${server.port}`;
  });
  after(() => {
    connections.close();
    return loopback.close();
  });
  beforeEach(() => {
    seen = [];
    sts = createSts(region, connections, { AWS_ENDPOINT_URL_STS: endpoint });
    sdk = new STSClient({ region, endpoint, credentials: { ...session }, maxAttempts: 1 });
  });
  afterEach(() => sdk.destroy());

  /** The parameters of each request, as STS decodes them. */
  const forms = () =>
    seen.map(({ body }) => Object.fromEntries([...new URLSearchParams(body.toString())].sort()));

  function assertSigned(
    { method, url, headers, body }: Seen,
    now = new Date(),
    as: SigningKey & { accessKeyId: string } = session,
  ): void {
    const signer = verifySignature(
      {
        host: new URL(endpoint).hostname,
        method,
        path: url,
        query: new URLSearchParams(),
        rawUrl: url,
        headers,
        body,
        at: now,
      },
      { region, service: 'sts' },
      now,
      (accessKeyId) => (accessKeyId === as.accessKeyId ? as : undefined),
    );
    assert.equal(signer, session.accessKeyId);
  }

  describe('AssumeRoleWithWebIdentity', () => {
    const token = 'eyJhbGciOi.eyJpc3MiOi_-.c2ln+/=';

    it("says and reads what the SDK's client does", async () => {
      answer = { body: webIdentityXml };
      const ours = await sts.assumeRoleWithWebIdentity({
        roleArn: role,
        sessionName: 'shop-1+=,.@_',
        durationSeconds: 900,
        token,
      });
      const theirs = await sdk.send(
        new AssumeRoleWithWebIdentityCommand({
          RoleArn: role,
          RoleSessionName: 'shop-1+=,.@_',
          DurationSeconds: 900,
          WebIdentityToken: token,
        }),
      );
      const [ourForm, theirForm] = forms();
      assert.deepEqual(ourForm, theirForm);
      assert.equal(ours.assumedRoleArn, theirs.AssumedRoleUser?.Arn);
      assert.deepEqual(ours.credentials, session);
      assert.deepEqual(
        [
          theirs.Credentials?.AccessKeyId,
          theirs.Credentials?.SecretAccessKey,
          theirs.Credentials?.SessionToken,
          theirs.Credentials?.Expiration,
        ],
        Object.values(ours.credentials),
      );
    });

    it("restricts the session in the SDK's words", async () => {
      answer = { body: webIdentityXml };
      const policyArns = ['arn:aws:iam::aws:policy/ReadOnlyAccess'];
      await sts.assumeRoleWithWebIdentity({
        roleArn: role,
        sessionName: 'shop',
        token,
        policy: '{}',
        policyArns,
      });
      await sdk.send(
        new AssumeRoleWithWebIdentityCommand({
          RoleArn: role,
          RoleSessionName: 'shop',
          WebIdentityToken: token,
          Policy: '{}',
          PolicyArns: policyArns.map((arn) => ({ arn })),
        }),
      );
      const [ourForm, theirForm] = forms();
      assert.deepEqual(ourForm, theirForm);
    });

    it('is not signed, and leaves the duration to STS where none is wanted', async () => {
      answer = { body: webIdentityXml };
      await sts.assumeRoleWithWebIdentity({ roleArn: role, sessionName: 'shop-1', token });
      assert.equal(seen[0]?.headers.authorization, undefined);
      assert.deepEqual(Object.keys(forms()[0] ?? {}), [
        'Action',
        'RoleArn',
        'RoleSessionName',
        'Version',
        'WebIdentityToken',
      ]);
    });
  });

  describe('AssumeRole', () => {
    it("says and reads what the SDK's client does, signed by the session", async () => {
      answer = { body: assumeRoleXml };
      const ours = await sts.assumeRole(
        { roleArn: role, sessionName: 'a=b', durationSeconds: 3600, externalId: 'x:/@=,.+-' },
        session,
      );
      const theirs = await sdk.send(
        new AssumeRoleCommand({
          RoleArn: role,
          RoleSessionName: 'a=b',
          DurationSeconds: 3600,
          ExternalId: 'x:/@=,.+-',
        }),
      );
      const [ourForm, theirForm] = forms();
      assert.deepEqual(ourForm, theirForm);
      assert.equal(ours.assumedRoleArn, 'arn:aws:sts::111122223333:assumed-role/deployer/a=b');
      assert.equal(ours.assumedRoleArn, theirs.AssumedRoleUser?.Arn);
      assert.deepEqual(ours.credentials, session);
      for (const request of seen) assertSigned(request);
    });

    it('lists tags, transitive keys and policies as the SDK does', async () => {
      answer = { body: assumeRoleXml };
      const policy = '{"Version":"2012-10-17","Statement":[]}';
      const policyArns = ['arn:aws:iam::aws:policy/ReadOnlyAccess', 'arn:aws:iam::111122223333:policy/a+b'];
      await sts.assumeRole(
        {
          roleArn: role,
          sessionName: 'shop',
          tags: { project: 'shop & co', Straße: 'Köln=1', empty: '' },
          transitiveTagKeys: ['project', 'Straße'],
          policy,
          policyArns,
        },
        session,
      );
      await sdk.send(
        new AssumeRoleCommand({
          RoleArn: role,
          RoleSessionName: 'shop',
          Tags: [
            { Key: 'project', Value: 'shop & co' },
            { Key: 'Straße', Value: 'Köln=1' },
            { Key: 'empty', Value: '' },
          ],
          TransitiveTagKeys: ['project', 'Straße'],
          Policy: policy,
          PolicyArns: policyArns.map((arn) => ({ arn })),
        }),
      );
      const [ourForm, theirForm] = forms();
      assert.deepEqual(ourForm, theirForm);
      assert.equal(ourForm?.['Tags.member.3.Value'], '');
      for (const request of seen) assertSigned(request);
    });

    it('by keys that are no session is signed without a token', async () => {
      answer = { body: assumeRoleXml };
      const { accessKeyId, secretAccessKey } = session;
      const keys = { accessKeyId, secretAccessKey };
      await sts.assumeRole({ roleArn: role, sessionName: 'shop' }, keys);
      assert.equal(seen[0]?.headers['x-amz-security-token'], undefined);
      assertSigned(seen[0] as Seen, new Date(), keys);
      assert(!Object.keys(forms()[0] ?? {}).some((name) => /Tags|Policy/.test(name)));
    });
  });

  describe('GetCallerIdentity', () => {
    it("says and reads what the SDK's client does, signed by the session", async () => {
      answer = { body: callerXml };
      const ours = await sts.getCallerIdentity(session);
      const theirs = await sdk.send(new GetCallerIdentityCommand({}));
      const [ourForm, theirForm] = forms();
      assert.deepEqual(ourForm, theirForm);
      assert.deepEqual(ours, { accountId: theirs.Account, arn: theirs.Arn });
      for (const request of seen) assertSigned(request);
    });
  });

  it('is signed by the clock of STS once it is known, not by one that is wrong', async () => {
    const theirTime = new Date(Date.now() + 3600_000);
    answer = { body: callerXml, headers: { date: theirTime.toUTCString() } };
    await sts.getCallerIdentity(session);
    await sts.getCallerIdentity(session);
    const [first, second] = seen;
    assert(first && second);
    assertSigned(first);
    assert.throws(() => assertSigned(first, theirTime));
    assertSigned(second, theirTime);
  });

  it('at an endpoint with a path is asked there', async () => {
    answer = { body: callerXml };
    const other = createSts(region, connections, { AWS_ENDPOINT_URL_STS: `${endpoint}/some/path` });
    await other.getCallerIdentity(session);
    assert.equal(seen[0]?.url, '/some/path');
    assertSigned(seen[0] as Seen);
  });

  describe('that refuses', () => {
    const refusal = (code: string, message: string) =>
      `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error>
  <RequestId>req-1</RequestId>
</ErrorResponse>`;

    for (const [status, code, message] of [
      [403, 'AccessDenied', 'Not authorized to perform sts:AssumeRoleWithWebIdentity'],
      [
        400,
        'ValidationError',
        '1 validation error: Value &apos;a&lt;b&gt;&amp;&quot;&apos; &#xe9;&#233; at &#39;x&#39;',
      ],
      [500, 'InternalFailure', ''],
    ] as const) {
      it(`with ${code} is read as the SDK's client reads it`, async () => {
        answer = {
          status,
          body: refusal(code, message),
          headers: { 'retry-after': '3', 'x-amzn-requestid': 'req-1' },
        };
        const ours = await sts.getCallerIdentity(session).catch((error) => error);
        const theirs = await sdk.send(new GetCallerIdentityCommand({})).catch((error) => error);
        assert(ours instanceof AwsServiceError);
        assert(theirs instanceof STSServiceException);
        assert.equal(ours.code, theirs.name);
        if (message) assert.equal(ours.message, theirs.message);
        assert.equal(ours.status, theirs.$metadata.httpStatusCode);
        assert.equal(ours.requestId, theirs.$metadata.requestId);
        assert.equal(ours.retryAfter, 3);
      });
    }

    it('in no words of its own is taken for something in between', async () => {
      answer = {
        status: 502,
        body: '<html><body>Bad Gateway</body></html>',
        headers: { 'retry-after': '7' },
      };
      await assert.rejects(sts.getCallerIdentity(session), (error) => {
        assert(error instanceof AwsServiceError);
        assert.deepEqual([error.code, error.status, error.retryAfter], ['HTTP 502', 502, 7]);
        assert.match(error.message, /proxy/);
        return true;
      });
    });
  });

  describe('that answers 200', () => {
    const odd: Record<string, string> = {
      'with a sign-in page': '<html><body>Please sign in</body></html>',
      'with nothing': '',
      'without a secret key': webIdentityXml.replace(/<SecretAccessKey>.*<\/SecretAccessKey>/, ''),
      'with an empty secret key': webIdentityXml.replace(
        /<SecretAccessKey>.*<\/SecretAccessKey>/,
        '<SecretAccessKey> </SecretAccessKey>',
      ),
      'without a session token': webIdentityXml.replace(/<SessionToken>.*<\/SessionToken>/, ''),
      'without an end of the session': webIdentityXml.replace(/<Expiration>.*<\/Expiration>/, ''),
      'with an end that is no time': webIdentityXml.replace(
        /<Expiration>.*<\/Expiration>/,
        '<Expiration>soon</Expiration>',
      ),
    };
    for (const [what, body] of Object.entries(odd)) {
      it(`${what} gives no session`, async () => {
        answer = { body };
        await assert.rejects(
          sts.assumeRoleWithWebIdentity({ roleArn: role, sessionName: 'shop-1', token: 't' }),
          (error) => error instanceof AwsServiceError && error.code === 'HTTP 200',
        );
      });
    }
  });
});
