import assert from 'node:assert/strict';
import { createHmac, createPublicKey, generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { decodeJwt, exportJWK, SignJWT } from 'jose';
import type { SandboxResponse } from '../../../sandbox/http.ts';
import { credentialsOf, outcomeOf, textOf } from './sts-caller.ts';
import {
  account,
  allow,
  audience,
  createTestbed,
  inAccount,
  issuerName,
  issuerUrl,
  otherAccount,
  providerArn,
  roleArn,
  type Testbed,
  trust,
  trustToken,
} from './testbed.ts';

const notValidated =
  'InvalidIdentityToken: The web identity token that was passed could not be validated by AWS. Get a new identity token from the identity provider and then retry the request.';
const notAToken =
  'InvalidIdentityToken: The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)';
const noKey =
  "InvalidIdentityToken: Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements";
const notAuthorized = 'AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity';

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('AssumeRoleWithWebIdentity', () => {
  let testbed: Testbed;

  beforeEach(async () => {
    testbed = await createTestbed();
  });

  const federate = (claims: Readonly<Record<string, unknown>>) =>
    testbed
      .token(claims)
      .then((WebIdentityToken) => testbed.federate({ WebIdentityToken }))
      .then(outcomeOf);

  describe('answers', () => {
    it('with credentials that are who it says they are', async () => {
      const answer = await testbed.federate();
      assert.equal(outcomeOf(answer), 'ok');
      assert.match(textOf(answer, 'AccessKeyId') ?? '', /^ASIA[A-Z2-7]{16}$/);
      assert.match(textOf(answer, 'SecretAccessKey') ?? '', /^[A-Za-z0-9/+]{40}$/);
      assert.match(textOf(answer, 'AssumedRoleId') ?? '', /^AROA[A-Z2-7]{17}:build-42$/);
      assert.equal(textOf(answer, 'Arn'), `arn:aws:sts::${account}:assumed-role/deployer/build-42`);
      assert.equal(textOf(answer, 'SubjectFromWebIdentityToken'), 'sc://contoso/shop/aws-production');
      assert.equal(textOf(answer, 'Audience'), audience);
      assert.equal(textOf(answer, 'Provider'), providerArn);
      assert.equal(textOf(answer, 'PackedPolicySize'), undefined);
      const identity = await testbed.signed(credentialsOf(answer), 'GetCallerIdentity');
      assert.equal(textOf(identity, 'Arn'), textOf(answer, 'Arn'));
      assert.equal(textOf(identity, 'UserId'), textOf(answer, 'AssumedRoleId'));
      assert.equal(textOf(identity, 'Account'), account);
    });

    it('with an hour, or what was asked for, in whole seconds', async () => {
      testbed.clock = new Date('2026-07-01T12:00:00.000Z');
      testbed.role('deployer', { maxSessionDuration: 7200 });
      assert.equal(textOf(await testbed.federate(), 'Expiration'), '2026-07-01T13:00:00Z');
      assert.equal(
        textOf(await testbed.federate({ DurationSeconds: '7200' }), 'Expiration'),
        '2026-07-01T14:00:00Z',
      );
      assert.equal(
        textOf(await testbed.federate({ DurationSeconds: '900' }), 'Expiration'),
        '2026-07-01T12:15:00Z',
      );
    });

    it('with sessions as short as the world has them, which then really end', async () => {
      testbed.role('deployer', { sessionLifetime: 20 });
      testbed.clock = new Date('2026-07-01T12:00:00.000Z');
      const answer = await testbed.federate();
      assert.equal(textOf(answer, 'Expiration'), '2026-07-01T12:00:20Z');
      const credentials = credentialsOf(answer);
      testbed.clock = new Date('2026-07-01T12:00:19.999Z');
      assert.equal(outcomeOf(await testbed.signed(credentials, 'GetCallerIdentity')), 'ok');
      testbed.clock = new Date('2026-07-01T12:00:20.000Z');
      assert.equal(
        outcomeOf(await testbed.signed(credentials, 'GetCallerIdentity')),
        'ExpiredToken: The security token included in the request is expired',
      );
    });

    it('with secrets that it has told of, new ones at every call', async () => {
      const [one, other] = [credentialsOf(await testbed.federate()), credentialsOf(await testbed.federate())];
      const secrets = [one, other].flatMap(({ secretAccessKey, sessionToken = '' }) => [
        secretAccessKey,
        sessionToken,
      ]);
      assert.deepEqual(testbed.secrets, secrets);
      assert.equal(new Set(secrets).size, 4);
    });

    const hosts: readonly [host: string, partition: string][] = [
      ['sts.amazonaws.com', 'aws'],
      ['sts.us-east-1.amazonaws.com', 'aws'],
      ['sts-fips.us-west-2.amazonaws.com', 'aws'],
      ['sts.eu-central-1.api.aws', 'aws'],
      ['sts.cn-north-1.amazonaws.com.cn', 'aws-cn'],
      ['sts.us-gov-west-1.amazonaws.com', 'aws-us-gov'],
    ];
    for (const [host, partition] of hosts) {
      it(`at ${host} for roles of ${partition}`, async () => {
        const inPartition = (text: string) => text.replace('arn:aws:', `arn:${partition}:`);
        testbed.role('deployer', { trustPolicy: JSON.parse(inPartition(JSON.stringify(trustToken))) });
        const answer = await testbed.federate({ RoleArn: inPartition(roleArn) }, host);
        assert.equal(outcomeOf(answer), 'ok');
        assert.match(textOf(answer, 'Arn') ?? '', new RegExp(`^arn:${partition}:sts::`));
        if (partition !== 'aws') {
          assert.equal(
            outcomeOf(await testbed.federate({}, host)),
            'ValidationError: Request ARN is invalid',
          );
        }
      });
    }

    it('for issuers whose URL ends in a slash', async () => {
      const url = 'https://sts.windows.net/0b1f6d2c-9e47-4c8a-b5d3-7f2a1e6c4b90/';
      inAccount(testbed.world, account).oidcProviders.push({ url, clientIds: [audience] });
      const arn = testbed.role('managed', {
        trustPolicy: {
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Principal: { Federated: `arn:aws:iam::${account}:oidc-provider/${url.slice(8)}` },
              Action: 'sts:AssumeRoleWithWebIdentity',
              Condition: { StringEquals: { [`${url.slice(8)}:aud`]: audience } },
            },
          ],
        },
      });
      const asked: string[] = [];
      testbed.foreignIssuer.answer = (asking) => {
        asked.push(asking);
        const { publicKey } = testbed.issuer;
        const answer = asking.endsWith('openid-configuration')
          ? { issuer: url, jwks_uri: `${url}keys` }
          : { keys: [publicKey] };
        return { status: 200, headers: {}, body: JSON.stringify(answer) };
      };
      const WebIdentityToken = await testbed.token({ iss: url });
      assert.equal(outcomeOf(await testbed.federate({ RoleArn: arn, WebIdentityToken })), 'ok');
      assert.deepEqual(asked, [`${url}.well-known/openid-configuration`, `${url}keys`]);
      const withoutSlash = await testbed.token({ iss: url.slice(0, -1) });
      assert.equal(
        outcomeOf(await testbed.federate({ RoleArn: arn, WebIdentityToken: withoutSlash })),
        `InvalidIdentityToken: No OpenIDConnect provider found in your account for ${url.slice(0, -1)}`,
      );
    });
  });

  describe('refuses a token', () => {
    const present = (WebIdentityToken: string) => testbed.federate({ WebIdentityToken }).then(outcomeOf);
    const claims = async () => decodeJwt(await testbed.token());

    it('that is none', async () => {
      for (const token of [
        'eyJh.eyJh',
        'opaque-access-token',
        'a.b.c',
        `${encode({})}.${encode([])}.x y`,
        '....',
      ]) {
        const outcome = await present(token);
        assert.ok(outcome === notAToken || outcome === notValidated, outcome);
      }
      assert.equal(await present('opaque-access-token'), notAToken);
    });

    it('without signature (alg none)', async () => {
      for (const alg of ['none', 'None', 'NONE']) {
        assert.equal(
          await present(`${encode({ alg, kid: 'signing-key' })}.${encode(await claims())}.`),
          notValidated,
        );
      }
    });

    it('with the public key for a secret (HS256)', async () => {
      const pem = createPublicKey({ key: testbed.issuer.publicKey as JsonWebKey, format: 'jwk' }).export({
        type: 'spki',
        format: 'pem',
      });
      for (const secret of [
        pem,
        JSON.stringify(testbed.issuer.publicKey),
        testbed.issuer.publicKey.n ?? '',
      ]) {
        const input = `${encode({ alg: 'HS256', kid: 'signing-key' })}.${encode(await claims())}`;
        assert.equal(
          await present(`${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`),
          notValidated,
        );
      }
    });

    it('signed with a key the issuer does not have', async () => {
      const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      const sign = async (kid: string) =>
        new SignJWT(await claims()).setProtectedHeader({ alg: 'RS256', kid }).sign(privateKey);
      assert.equal(await present(await sign('unknown-key')), noKey);
      assert.equal(await present(await sign('signing-key')), notValidated);
    });

    it('that brings its own key', async () => {
      const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      const jwk = await exportJWK(publicKey);
      const token = await new SignJWT(await claims())
        .setProtectedHeader({ alg: 'RS256', kid: 'signing-key', jwk })
        .sign(privateKey);
      assert.equal(await present(token), notValidated);
    });

    it('without a key id', async () => {
      const [, payload, signature] = (await testbed.token()).split('.');
      assert.equal(await present(`${encode({ alg: 'RS256' })}.${payload}.${signature}`), notValidated);
    });

    it('whose payload was altered', async () => {
      const [header, , signature] = (await testbed.token()).split('.');
      const altered = { ...(await claims()), sub: 'sc://contoso/shop/aws-other' };
      assert.equal(await present(`${header}.${encode(altered)}.${signature}`), notValidated);
    });

    it('signed by an algorithm that the issuer keeps the key for no more', async () => {
      const { alg: _, ...key } = testbed.issuer.publicKey;
      testbed.issuer.answer = (url) =>
        answerOf(url.endsWith('jwks') ? { keys: [{ ...key, alg: 'RS512' }] } : configuration());
      assert.equal(await present(await testbed.token()), noKey);
      testbed.issuer.answer = (url) =>
        answerOf(url.endsWith('jwks') ? { keys: [{ ...key, use: 'enc' }] } : configuration());
      assert.equal(await present(await testbed.token()), noKey);
    });

    it('that has expired, and in the second it does', async () => {
      testbed.clock = new Date('2026-07-01T12:00:00.000Z');
      const token = await testbed.token();
      testbed.clock = new Date('2026-07-01T12:04:59.999Z');
      assert.equal(await present(token), 'ok');
      testbed.clock = new Date('2026-07-01T12:05:00.000Z');
      assert.equal(
        await present(token),
        'ExpiredTokenException: Token expired: current date/time 1782907500 must be before the expiration date/time 1782907500',
      );
    });

    it('that is not valid yet', async () => {
      const soon = Math.floor(Date.now() / 1000) + 60;
      for (const claim of [{ nbf: soon }, { iat: soon, nbf: soon }, { iat: soon }]) {
        assert.match(await federate(claim), /^ExpiredTokenException: .* expired or is not valid/);
      }
    });

    it('with times that are no integers', async () => {
      const seconds = Math.floor(Date.now() / 1000);
      for (const claim of [
        { exp: seconds + 60.5 },
        { exp: String(seconds + 60) },
        { iat: seconds - 0.5 },
        { nbf: '0' },
      ]) {
        assert.equal(await federate(claim), notValidated);
      }
    });

    it('without a claim that an ID token must have', async () => {
      for (const claim of ['iss', 'sub', 'aud', 'exp', 'iat'])
        assert.equal(await federate({ [claim]: undefined }), notValidated);
    });

    it('for another audience', async () => {
      for (const aud of [
        'sts.amazonaws.com',
        audience.toUpperCase(),
        `${audience}/`,
        [],
        [audience, 'another'],
      ]) {
        const outcome = await federate({ aud });
        assert.equal(
          outcome,
          Array.isArray(aud) && aud.length === 0
            ? notValidated
            : 'InvalidIdentityToken: Incorrect token audience',
        );
      }
      assert.equal(await federate({ aud: [audience] }), 'ok');
    });

    it('whose authorized party is no client of the provider, whatever its audience', async () => {
      assert.equal(
        await federate({ azp: 'another-party' }),
        'InvalidIdentityToken: Incorrect token audience',
      );
    });

    it('of an issuer that the account does not know', async () => {
      inAccount(testbed.world, account).oidcProviders = [];
      assert.equal(
        await federate({}),
        `InvalidIdentityToken: No OpenIDConnect provider found in your account for ${issuerUrl}`,
      );
    });

    it('of an issuer that another account knows', async () => {
      const seconds = Math.floor(Date.now() / 1000);
      const claimed = {
        iss: 'https://idp.example.com',
        sub: 'somebody',
        aud: audience,
        iat: seconds,
        exp: seconds + 60,
      };
      const arn = testbed.role('foreign', {
        trustPolicy: {
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Principal: { Federated: `arn:aws:iam::${otherAccount}:oidc-provider/idp.example.com` },
              Action: 'sts:AssumeRoleWithWebIdentity',
            },
          ],
        },
      });
      const WebIdentityToken = await testbed.foreignIssuer.token(claimed);
      assert.equal(
        outcomeOf(await testbed.federate({ RoleArn: arn, WebIdentityToken })),
        'InvalidIdentityToken: No OpenIDConnect provider found in your account for https://idp.example.com',
      );
    });

    it('of an issuer written in another way', async () => {
      for (const iss of [`${issuerUrl}/`, issuerUrl.toUpperCase(), issuerUrl.replace('https', 'http')]) {
        assert.equal(
          await federate({ iss }),
          `InvalidIdentityToken: No OpenIDConnect provider found in your account for ${iss}`,
        );
      }
    });

    it('with claims for AWS that nobody knows', async () => {
      assert.match(await federate({ 'https://aws.amazon.com/role': 'admin' }), /^InvalidIdentityToken: /);
    });
  });

  const answerOf = (value: unknown, status = 200): SandboxResponse => ({
    status,
    headers: {},
    body: JSON.stringify(value),
  });
  const configuration = (more = {}) => ({
    issuer: issuerUrl,
    jwks_uri: `${issuerUrl}/.well-known/jwks`,
    ...more,
  });

  describe('asks the issuer for its keys, and refuses', () => {
    const outcomeWith = (answer: (url: string) => SandboxResponse | Promise<SandboxResponse>) => {
      testbed.issuer.answer = answer;
      return testbed.federate().then(outcomeOf);
    };
    const keysAnd = (keys: unknown) => (url: string) =>
      answerOf(url.endsWith('jwks') ? { keys } : configuration());
    const other = (kid: string, kty = 'RSA') => ({ kty, kid, n: 'x', e: 'AQAB' });

    it('where it cannot be reached', async () => {
      for (const end of ['openid-configuration', 'jwks']) {
        const outcome = await outcomeWith((url) => {
          if (url.endsWith(end)) throw new Error('connect ECONNREFUSED');
          return answerOf(configuration());
        });
        assert.match(outcome, /^IDPCommunicationError: .* could not be reached/);
      }
    });

    const answers: readonly [what: string, answer: (url: string) => SandboxResponse][] = [
      ['answers with an error', () => answerOf({}, 503)],
      ['answers with a page', () => ({ status: 200, headers: {}, body: '<html>' })],
      ['has no configuration', () => answerOf({ issuer: issuerUrl })],
      [
        'has another name for itself',
        (url) =>
          answerOf(
            url.endsWith('jwks')
              ? { keys: [testbed.issuer.publicKey] }
              : configuration({ issuer: `${issuerUrl}/` }),
          ),
      ],
      [
        'has its keys on an open line',
        () => answerOf(configuration({ jwks_uri: 'http://idp.example.com/keys' })),
      ],
      ['has no keys', keysAnd([])],
      ['has no list of keys', keysAnd({})],
    ];
    for (const [what, answer] of answers) {
      it(`where it ${what}`, async () => assert.equal(await outcomeWith(answer), noKey));
    }

    it('where two keys have the same id', async () => {
      const { publicKey } = testbed.issuer;
      assert.equal(await outcomeWith(keysAnd([publicKey, publicKey])), noKey);
      assert.equal(await outcomeWith(keysAnd([publicKey, other('signing-key', 'EC')])), 'ok');
    });

    it('where it has more than 100 keys of a kind', async () => {
      const { publicKey } = testbed.issuer;
      const keys = Array.from({ length: 99 }, (_, index) => other(`key-${index}`));
      assert.equal(
        await outcomeWith(keysAnd([...keys, publicKey, ...keys.map((key) => ({ ...key, kty: 'EC' }))])),
        'ok',
      );
      assert.equal(await outcomeWith(keysAnd([...keys, publicKey, other('one-more')])), noKey);
    });
  });

  for (const [alg, generate] of [
    ['RS384', () => generateKeyPairSync('rsa', { modulusLength: 2048 })],
    ['RS512', () => generateKeyPairSync('rsa', { modulusLength: 2048 })],
    ['ES256', () => generateKeyPairSync('ec', { namedCurve: 'P-256' })],
    ['ES384', () => generateKeyPairSync('ec', { namedCurve: 'P-384' })],
    ['ES512', () => generateKeyPairSync('ec', { namedCurve: 'P-521' })],
    ['PS256', () => generateKeyPairSync('rsa', { modulusLength: 2048 })],
    ['EdDSA', () => generateKeyPairSync('ed25519')],
  ] as const) {
    const taken = !['PS256', 'EdDSA'].includes(alg);
    it(`${taken ? 'takes' : 'refuses'} ${alg}`, async () => {
      const { privateKey, publicKey } = generate();
      const jwk = { ...(await exportJWK(publicKey)), kid: 'k', alg };
      testbed.issuer.answer = (url) => answerOf(url.endsWith('jwks') ? { keys: [jwk] } : configuration());
      const WebIdentityToken = await new SignJWT(decodeJwt(await testbed.token()))
        .setProtectedHeader({ alg, kid: 'k' })
        .sign(privateKey);
      assert.equal(outcomeOf(await testbed.federate({ WebIdentityToken })), taken ? 'ok' : notValidated);
    });
  }

  describe('denies', () => {
    it('a role that does not exist with the same words as one that does not trust', async () => {
      testbed.role('closed', { trustPolicy: trust(account) });
      for (const name of ['closed', 'missing', 'Deployer', 'path/deployer']) {
        assert.equal(
          outcomeOf(await testbed.federate({ RoleArn: `arn:aws:iam::${account}:role/${name}` })),
          notAuthorized,
        );
      }
      assert.equal(
        outcomeOf(await testbed.federate({ RoleArn: 'arn:aws:iam::999999999999:role/deployer' })),
        `InvalidIdentityToken: No OpenIDConnect provider found in your account for ${issuerUrl}`,
      );
    });

    it('a subject that the trust policy does not have', async () => {
      for (const sub of [
        'sc://contoso/other/aws',
        'SC://contoso/shop/aws-production',
        'p://contoso/shop/build',
      ]) {
        assert.equal(await federate({ sub }), notAuthorized);
      }
    });

    it('the audience where the token has an authorized party: that is what IAM compares', async () => {
      const party = '499b84ac-1321-427f-aa17-267ca6975798';
      inAccount(testbed.world, account).oidcProviders[0]?.clientIds.push(party);
      assert.equal(await federate({ azp: party }), notAuthorized);
      const text = JSON.stringify(trustToken).replace(audience, party);
      testbed.role('deployer', { trustPolicy: JSON.parse(text) });
      const WebIdentityToken = await testbed.token({ azp: party });
      const answer = await testbed.federate({ WebIdentityToken });
      assert.equal(outcomeOf(answer), 'ok');
      assert.equal(textOf(answer, 'Audience'), party);
    });

    it("conditions on keys of a principal, who is not one yet, and on claims that IAM doesn't have", async () => {
      for (const key of [
        'aws:PrincipalOrgID',
        'aws:PrincipalArn',
        'aws:userid',
        `${issuerName}:email`,
        `${issuerName}:azp`,
      ]) {
        const [statement] = structuredClone(trustToken.Statement);
        testbed.role('deployer', {
          trustPolicy: {
            Version: '2012-10-17',
            Statement: [{ ...statement, Effect: 'Allow', Condition: { StringNotEquals: { [key]: 'x' } } }],
          },
        });
        assert.equal(outcomeOf(await testbed.federate()), notAuthorized, key);
      }
    });

    it('session tags of a token, unless the role allows sts:TagSession', async () => {
      const tagged = {
        'https://aws.amazon.com/tags': { principal_tags: { team: ['shop'] }, transitive_tag_keys: ['team'] },
      };
      assert.equal(await federate(tagged), 'AccessDenied: Not authorized to perform sts:TagSession');
      const statement = { Effect: 'Allow' as const, Principal: { Federated: providerArn } };
      const condition = { StringEquals: { 'aws:RequestTag/team': 'shop' } };
      testbed.role('deployer', {
        trustPolicy: {
          Version: '2012-10-17',
          Statement: [
            { ...statement, Action: 'sts:AssumeRoleWithWebIdentity' },
            { ...statement, Action: 'sts:TagSession', Condition: condition },
          ],
        },
      });
      assert.equal(await federate(tagged), 'ok');
      const other = { 'https://aws.amazon.com/tags': { principal_tags: { team: ['bank'] } } };
      assert.equal(await federate(other), 'AccessDenied: Not authorized to perform sts:TagSession');
    });

    it('a source identity of a token, unless the role allows sts:SetSourceIdentity', async () => {
      const claim = { 'https://aws.amazon.com/source_identity': 'pipeline' };
      assert.equal(await federate(claim), 'AccessDenied: Not authorized to perform sts:SetSourceIdentity');
      testbed.role('deployer', {
        trustPolicy: {
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Principal: { Federated: providerArn }, Action: 'sts:*' }],
        },
      });
      assert.equal(await federate(claim), 'ok');
    });
  });

  describe('refuses a call', () => {
    it('for longer than the role allows', async () => {
      const refusal =
        'ValidationError: The requested DurationSeconds exceeds the MaxSessionDuration set for this role.';
      assert.equal(outcomeOf(await testbed.federate({ DurationSeconds: '3601' })), refusal);
      testbed.role('deployer', { maxSessionDuration: 43_200 });
      assert.equal(outcomeOf(await testbed.federate({ DurationSeconds: '43200' })), 'ok');
    });

    it('in a Region that is off for the account', async () => {
      assert.equal(
        outcomeOf(await testbed.federate({}, 'sts.ap-east-1.amazonaws.com')),
        `RegionDisabledException: STS is not activated in this region for account:${account}. Your account administrator can activate STS in this region using the IAM Console.`,
      );
    });

    const validations: readonly [
      parameters: Readonly<Record<string, string | undefined>>,
      refusal: string,
    ][] = [
      [
        { RoleSessionName: undefined },
        "1 validation error detected: Value null at 'roleSessionName' failed to satisfy constraint: Member must not be null",
      ],
      [
        { WebIdentityToken: undefined },
        "1 validation error detected: Value null at 'webIdentityToken' failed to satisfy constraint: Member must not be null",
      ],
      [
        { RoleSessionName: 'build 42' },
        "1 validation error detected: Value 'build 42' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*",
      ],
      [
        { RoleSessionName: 'ü' },
        "2 validation errors detected: Value 'ü' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*; Value 'ü' at 'roleSessionName' failed to satisfy constraint: Member must have length greater than or equal to 2",
      ],
      [
        { DurationSeconds: '899' },
        "1 validation error detected: Value '899' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900",
      ],
      [
        { DurationSeconds: '43201' },
        "1 validation error detected: Value '43201' at 'durationSeconds' failed to satisfy constraint: Member must have value less than or equal to 43200",
      ],
      [
        { WebIdentityToken: 'x' },
        "1 validation error detected: Value at 'webIdentityToken' failed to satisfy constraint: Member must have length greater than or equal to 4",
      ],
      [
        { RoleArn: 'arn:aws:iam::role/x' },
        "1 validation error detected: Value 'arn:aws:iam::role/x' at 'roleArn' failed to satisfy constraint: Member must have length greater than or equal to 20",
      ],
      [{ RoleArn: 'arn:aws:iam::111122223333:user/deployer' }, 'Request ARN is invalid'],
      [{ RoleArn: 'arn:aws:iam::11112222333:role/deployer' }, 'Request ARN is invalid'],
      [{ RoleArn: 'arn:aws:iam:eu-west-1:111122223333:role/deployer' }, 'Request ARN is invalid'],
      [{ RoleArn: ` ${roleArn}` }, 'Request ARN is invalid'],
    ];
    for (const [parameters, refusal] of validations) {
      it(`with ${JSON.stringify(parameters)}`, async () => {
        assert.equal(outcomeOf(await testbed.federate(parameters)), `ValidationError: ${refusal}`);
      });
    }

    it('with a duration that is no number', async () => {
      assert.match(outcomeOf(await testbed.federate({ DurationSeconds: '1h' })), /^MalformedInput: /);
    });

    it('with parameters that are not its own', async () => {
      for (const parameters of [
        { 'Tags.member.1.Key': 'team', 'Tags.member.1.Value': 'shop' },
        { 'TransitiveTagKeys.member.1': 'team' },
        { ExternalId: 'shared-secret' },
        { SourceIdentity: 'pipeline' },
        { ProviderId: 'www.amazon.com' },
        { roleArn },
        { 'PolicyArns.member.2.arn': 'arn:aws:iam::aws:policy/AdministratorAccess' },
      ]) {
        assert.match(
          outcomeOf(await testbed.federate(parameters)),
          /^InvalidQueryParameter: .*: \w/,
          JSON.stringify(parameters),
        );
      }
    });
  });

  describe('takes session policies', () => {
    it('inline and managed, and says how much of their space they take', async () => {
      const Policy = JSON.stringify(allow('s3:GetObject'));
      const answer = await testbed.federate({
        Policy,
        'PolicyArns.member.1.arn': 'arn:aws:iam::aws:policy/AdministratorAccess',
      });
      assert.equal(outcomeOf(answer), 'ok');
      assert.equal(textOf(answer, 'PackedPolicySize'), '7');
    });

    it('but none that is malformed', async () => {
      assert.match(
        outcomeOf(await testbed.federate({ Policy: '{"Version":"2012-10-17"' })),
        /^MalformedPolicyDocument: /,
      );
      assert.match(
        outcomeOf(await testbed.federate({ Policy: JSON.stringify(trustToken) })),
        /^MalformedPolicyDocument: /,
      );
    });

    it('but no managed policy that does not exist', async () => {
      assert.equal(
        outcomeOf(
          await testbed.federate({ 'PolicyArns.member.1.arn': 'arn:aws:iam::aws:policy/Administrator' }),
        ),
        'ValidationError: At least one Policy ARN in the PolicyArns parameter does not match an existing IAM Managed Policy ARN.',
      );
    });
  });
});
