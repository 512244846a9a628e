import assert from 'node:assert/strict';
import { credentialsOf, formOf, outcomeOf, requestOf, signer, textOf } from './sts-caller.ts';
import { account, alice, bob, createTestbed, type Testbed } from './testbed.ts';

describe('STS', () => {
  let testbed: Testbed;

  beforeEach(async () => {
    testbed = await createTestbed();
  });

  describe('GetCallerIdentity', () => {
    it('says who a user is', async () => {
      const answer = await testbed.signed(alice, 'GetCallerIdentity');
      assert.equal(textOf(answer, 'Arn'), `arn:aws:iam::${account}:user/alice`);
      assert.equal(textOf(answer, 'Account'), account);
      assert.match(textOf(answer, 'UserId') ?? '', /^AIDA[A-Z2-7]{17}$/);
      const again = await testbed.signed(alice, 'GetCallerIdentity');
      assert.equal(textOf(again, 'UserId'), textOf(answer, 'UserId'));
      assert.notEqual(
        textOf(await testbed.signed(bob, 'GetCallerIdentity'), 'UserId'),
        textOf(answer, 'UserId'),
      );
    });

    it('needs no permission, also of a session that may nothing', async () => {
      const session = await testbed.federate({
        'PolicyArns.member.1.arn': 'arn:aws:iam::aws:policy/AWSDenyAll',
      });
      assert.equal(outcomeOf(await testbed.signed(credentialsOf(session), 'GetCallerIdentity')), 'ok');
    });

    it('answers to presigned URLs', async () => {
      const host = 'sts.eu-west-1.amazonaws.com';
      const query = { Action: 'GetCallerIdentity', Version: '2011-06-15' };
      const url = await signer(alice, 'eu-west-1').presign(
        {
          method: 'GET',
          protocol: 'https:',
          hostname: host,
          path: '/',
          query,
          headers: { host, 'x-k8s-aws-id': 'shop' },
        },
        { expiresIn: 60, unhoistableHeaders: new Set(['x-k8s-aws-id']) },
      );
      const rawUrl = `/?${new URLSearchParams(url.query as Record<string, string>).toString().replace(/\+/g, '%20')}`;
      const headers = { 'x-k8s-aws-id': 'shop' };
      assert.equal(outcomeOf(await testbed.send(requestOf({ method: 'GET', host, rawUrl, headers }))), 'ok');
      const other = requestOf({ method: 'GET', host, rawUrl, headers: { 'x-k8s-aws-id': 'bank' } });
      assert.match(outcomeOf(await testbed.send(other)), /^SignatureDoesNotMatch: /);
    });

    it('takes no parameters', async () => {
      assert.match(
        outcomeOf(await testbed.signed(alice, 'GetCallerIdentity', { Verbose: 'true' })),
        /^InvalidQueryParameter: .*Verbose/,
      );
    });

    it('knows where a signature was meant for', async () => {
      const at = (host: string, region: string, service?: string) =>
        testbed
          .signed(alice, 'GetCallerIdentity', {}, { host, region, ...(service && { service }) })
          .then(outcomeOf);
      assert.equal(await at('sts.amazonaws.com', 'us-east-1'), 'ok');
      assert.equal(await at('sts.eu-central-1.api.aws', 'eu-central-1'), 'ok');
      assert.match(
        await at('sts.amazonaws.com', 'eu-west-1'),
        /should be scoped to a valid Region, not 'eu-west-1'/,
      );
      assert.match(
        await at('sts.eu-west-1.amazonaws.com', 'us-east-1'),
        /should be scoped to a valid Region, not 'us-east-1'/,
      );
      assert.match(
        await at('sts.eu-west-1.amazonaws.com', 'eu-west-1', 'iam'),
        /should be scoped to correct service: 'sts'/,
      );
    });

    it('tells a stale key from an unknown one', async () => {
      const unknown = { accessKeyId: 'AKIANOBODYXXXXXXXXXX', secretAccessKey: 'x' };
      assert.match(
        outcomeOf(await testbed.signed(unknown, 'GetCallerIdentity')),
        /^InvalidClientTokenId: The security token included in the request is invalid\.$/,
      );
      assert.match(
        outcomeOf(
          await testbed.signed({ ...alice, secretAccessKey: bob.secretAccessKey }, 'GetCallerIdentity'),
        ),
        /^SignatureDoesNotMatch: /,
      );
      const { sessionToken: _, ...without } = credentialsOf(await testbed.federate());
      assert.match(outcomeOf(await testbed.signed(without, 'GetCallerIdentity')), /^InvalidClientTokenId: /);
    });
  });

  describe('protocol', () => {
    const send = (parts: Parameters<typeof requestOf>[0]) => testbed.send(requestOf(parts));
    const form = formOf('GetCallerIdentity');

    it('answers in XML, with a request id that is also a header', async () => {
      const answer = await testbed.signed(alice, 'GetCallerIdentity');
      assert.equal(answer.headers['Content-Type'], 'text/xml');
      assert.match(
        answer.body,
        /^<GetCallerIdentityResponse xmlns="https:\/\/sts\.amazonaws\.com\/doc\/2011-06-15\/"><GetCallerIdentityResult>/,
      );
      assert.match(
        answer.body,
        /<\/GetCallerIdentityResult><ResponseMetadata><RequestId>[0-9a-f-]{36}<\/RequestId><\/ResponseMetadata><\/GetCallerIdentityResponse>\n$/,
      );
      assert.equal(answer.headers['x-amzn-RequestId'], textOf(answer, 'RequestId'));
    });

    it('refuses in XML', async () => {
      const answer = await testbed.call('GetCallerIdentity');
      assert.equal(answer.status, 403);
      assert.match(
        answer.body,
        /^<ErrorResponse xmlns="https:\/\/sts\.amazonaws\.com\/doc\/2011-06-15\/"><Error><Type>Sender<\/Type><Code>MissingAuthenticationToken<\/Code><Message>[^<]+<\/Message><\/Error><RequestId>[0-9a-f-]{36}<\/RequestId><\/ErrorResponse>\n$/,
      );
      assert.equal(answer.headers['x-amzn-RequestId'], textOf(answer, 'RequestId'));
    });

    it('escapes what it repeats', async () => {
      const answer = await testbed.federate({ RoleSessionName: '</Message>&<x>' });
      assert.ok(answer.body.includes('&lt;/Message&gt;&amp;&lt;x&gt;'));
      assert.match(outcomeOf(answer), /Value '<\/Message>&<x>' at 'roleSessionName'/);
    });

    it('does not know other actions, or other versions', async () => {
      assert.equal(
        outcomeOf(await testbed.call('GetSessionToken')),
        'InvalidAction: Could not find operation GetSessionToken for version 2011-06-15',
      );
      assert.equal(
        outcomeOf(await testbed.call('toString')),
        'InvalidAction: Could not find operation toString for version 2011-06-15',
      );
      assert.equal(
        outcomeOf(await testbed.call('GetCallerIdentity', { Version: '2010-05-08' })),
        'InvalidAction: Could not find operation GetCallerIdentity for version 2010-05-08',
      );
      assert.equal(
        outcomeOf(await send({ body: 'Action=GetCallerIdentity' })),
        'InvalidAction: Could not find operation GetCallerIdentity for version NO_VERSION_SPECIFIED',
      );
    });

    const malformed: readonly [what: string, parts: Parameters<typeof requestOf>[0], refusal: RegExp][] = [
      ['no action', { body: 'Version=2011-06-15' }, /^MissingAction: /],
      ['nothing', {}, /^MissingAction: /],
      ['another path', { rawUrl: '/sts', body: form }, /^MalformedHttpRequestException: \/sts/],
      ['another method', { method: 'PUT', body: form }, /^MalformedHttpRequestException: .*PUT/],
      [
        'JSON',
        { headers: { 'content-type': 'application/x-amz-json-1.1' }, body: '{}' },
        /^MalformedHttpRequestException: .*content type/,
      ],
      [
        'a parameter twice',
        { body: `${form}&Action=AssumeRole` },
        /^MalformedHttpRequestException: The parameter Action is given twice/,
      ],
      [
        'a parameter in query and body',
        { rawUrl: '/?DurationSeconds=900', body: form },
        /^MalformedHttpRequestException: /,
      ],
      [
        'a GET with a body',
        { method: 'GET', rawUrl: `/?${form}`, body: 'x' },
        /^MalformedHttpRequestException: /,
      ],
    ];
    for (const [what, parts, refusal] of malformed) {
      it(`refuses ${what}`, async () => assert.match(outcomeOf(await send(parts)), refusal));
    }
  });
});
