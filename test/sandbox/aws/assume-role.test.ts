// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables look like JavaScript's
import assert from 'node:assert/strict';
import type { Role } from '../../../sandbox/world.ts';
import { credentialsOf, type Form, outcomeOf, textOf } from './sts-caller.ts';
import {
  account,
  alice,
  allow,
  bob,
  createTestbed,
  inAccount,
  issuerName,
  otherAccount,
  providerArn,
  roleArn,
  type Testbed,
  trust,
} from './testbed.ts';

const aliceArn = `arn:aws:iam::${account}:user/alice`;
const bobArn = `arn:aws:iam::${otherAccount}:user/bob`;
const sessionArn = `arn:aws:sts::${account}:assumed-role/deployer/build-42`;

describe('AssumeRole', () => {
  let testbed: Testbed;

  beforeEach(async () => {
    testbed = await createTestbed();
  });

  const target = (trustPolicy: Role['trustPolicy'], more: Partial<Role> = {}) =>
    testbed.role('target', { trustPolicy, ...more });
  const asAlice = (RoleArn: string, parameters: Form = {}) =>
    testbed.signed(alice, 'AssumeRole', { RoleArn, RoleSessionName: 'chained', ...parameters });
  const asBob = (RoleArn: string, parameters: Form = {}) =>
    testbed.signed(bob, 'AssumeRole', { RoleArn, RoleSessionName: 'chained', ...parameters });
  /** With the session that an ID token got. */
  async function asSession(
    RoleArn: string,
    parameters: Form = {},
    first: Readonly<Record<string, string>> = {},
  ) {
    const session = credentialsOf(await testbed.federate(first));
    return testbed.signed(session, 'AssumeRole', { RoleArn, RoleSessionName: 'chained', ...parameters });
  }
  const denied = (arn: string, action = 'sts:AssumeRole', who = aliceArn) =>
    `AccessDenied: User: ${who} is not authorized to perform: ${action} on resource: ${arn}`;

  it('answers with credentials of the role', async () => {
    const answer = await asAlice(target(trust(aliceArn)));
    assert.equal(outcomeOf(answer), 'ok');
    assert.equal(textOf(answer, 'Arn'), `arn:aws:sts::${account}:assumed-role/target/chained`);
    const identity = await testbed.signed(credentialsOf(answer), 'GetCallerIdentity');
    assert.equal(textOf(identity, 'Arn'), `arn:aws:sts::${account}:assumed-role/target/chained`);
  });

  it('leaves the path out of the session, not out of the role', async () => {
    const arn = target(trust(aliceArn), { path: '/pipelines/' });
    assert.equal(textOf(await asAlice(arn), 'Arn'), `arn:aws:sts::${account}:assumed-role/target/chained`);
    assert.equal(
      outcomeOf(await asAlice(arn.replace('pipelines/', ''))),
      denied(arn.replace('pipelines/', '')),
    );
  });

  it('wants a signature', async () => {
    const arn = target(trust(aliceArn));
    assert.match(
      outcomeOf(await testbed.call('AssumeRole', { RoleArn: arn, RoleSessionName: 'x1' })),
      /^MissingAuthenticationToken/,
    );
  });

  describe('within an account', () => {
    const policiesOf = (policies: Role['policies']) => {
      const user = inAccount(testbed.world, account).users.alice;
      if (user !== undefined) user.policies = policies;
    };
    const deny: Role['policies'][string] = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Deny', Action: 'sts:*', Resource: '*' }],
    };

    const table: readonly [
      what: string,
      trusted: string,
      policies: Role['policies'],
      outcome: 'ok' | 'denied',
    ][] = [
      ['a user who is trusted, without a policy of its own', aliceArn, {}, 'ok'],
      ['a user who is trusted, with a policy that denies', aliceArn, { own: deny }, 'denied'],
      ['everybody, without a policy of its own', '*', {}, 'ok'],
      ['the account, and the user has leave', account, { own: allow('sts:AssumeRole') }, 'ok'],
      [
        'the account, and the user has leave for this role',
        `arn:aws:iam::${account}:root`,
        { own: allow('sts:*', `arn:aws:iam::${account}:role/tar*`) },
        'ok',
      ],
      [
        'the account, and the user has leave for another role',
        account,
        { own: allow('sts:*', roleArn) },
        'denied',
      ],
      ['the account, and the user has no leave', account, {}, 'denied'],
      ['another account', otherAccount, { own: allow('sts:AssumeRole') }, 'denied'],
      ['another user', `arn:aws:iam::${account}:user/bob`, { own: allow('sts:AssumeRole') }, 'denied'],
    ];
    for (const [what, trusted, policies, outcome] of table) {
      it(`${outcome === 'ok' ? 'allows' : 'denies'}, where the role trusts ${what}`, async () => {
        policiesOf(policies);
        const arn = target(trust(trusted));
        assert.equal(outcomeOf(await asAlice(arn)), outcome === 'ok' ? 'ok' : denied(arn));
      });
    }
  });

  describe('across accounts', () => {
    it('needs both sides', async () => {
      const arn = target(trust(bobArn));
      assert.equal(outcomeOf(await asBob(arn)), denied(arn, 'sts:AssumeRole', bobArn));
      const user = inAccount(testbed.world, otherAccount).users.bob;
      assert.ok(user);
      user.policies = { own: allow('sts:AssumeRole', arn) };
      assert.equal(outcomeOf(await asBob(arn)), 'ok');
      target(trust(otherAccount));
      assert.equal(outcomeOf(await asBob(arn)), 'ok');
      target(trust(aliceArn));
      assert.equal(outcomeOf(await asBob(arn)), denied(arn, 'sts:AssumeRole', bobArn));
    });

    it('denies a role that does not exist, and an account that does not, with the same words', async () => {
      for (const arn of [`arn:aws:iam::${account}:role/missing`, 'arn:aws:iam::999999999999:role/missing']) {
        assert.equal(outcomeOf(await asAlice(arn)), denied(arn));
      }
    });
  });

  describe('with an external ID', () => {
    it('compares it', async () => {
      const arn = target(
        trust(aliceArn, 'sts:AssumeRole', { StringEquals: { 'sts:ExternalId': 'shared-secret' } }),
      );
      assert.equal(outcomeOf(await asAlice(arn)), denied(arn));
      assert.equal(outcomeOf(await asAlice(arn, { ExternalId: 'Shared-Secret' })), denied(arn));
      assert.equal(outcomeOf(await asAlice(arn, { ExternalId: 'shared-secret' })), 'ok');
    });

    it('refuses one that is malformed', async () => {
      assert.match(
        outcomeOf(await asAlice(roleArn, { ExternalId: 'a b' })),
        /'externalId' failed to satisfy constraint: Member must satisfy regular expression pattern: \[\\w\+=,\.@:\\\/-\]\*/,
      );
    });
  });

  describe('chained', () => {
    beforeEach(() => {
      testbed.role('deployer', { maxSessionDuration: 43_200 });
    });

    it('allows at most an hour, whatever the role', async () => {
      const arn = target(trust(roleArn), { maxSessionDuration: 43_200 });
      assert.equal(outcomeOf(await asSession(arn, { DurationSeconds: '3600' })), 'ok');
      assert.equal(
        outcomeOf(await asSession(arn, { DurationSeconds: '3601' })),
        'ValidationError: The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
      );
      target(trust(aliceArn));
      assert.equal(outcomeOf(await asAlice(arn, { DurationSeconds: '43200' })), 'ok');
      assert.equal(
        outcomeOf(
          await asAlice(target(trust(aliceArn), { maxSessionDuration: 3600 }), { DurationSeconds: '3601' }),
        ),
        'ValidationError: The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
      );
    });

    const table: readonly [
      what: string,
      trusted: string,
      policies: Role['policies'],
      outcome: 'ok' | 'denied',
    ][] = [
      ['the role, without a policy of its own', roleArn, {}, 'ok'],
      ['the session', sessionArn, {}, 'ok'],
      [
        'another session of the role',
        sessionArn.replace('42', '43'),
        { own: allow('sts:AssumeRole') },
        'denied',
      ],
      ['the account, and the role has leave', account, { own: allow('sts:AssumeRole') }, 'ok'],
      ['the account, and the role has no leave', account, {}, 'denied'],
    ];
    for (const [what, trusted, policies, outcome] of table) {
      it(`${outcome === 'ok' ? 'allows' : 'denies'}, where the role trusts ${what}`, async () => {
        testbed.role('deployer', { policies });
        const arn = target(trust(trusted));
        assert.equal(
          outcomeOf(await asSession(arn)),
          outcome === 'ok' ? 'ok' : denied(arn, 'sts:AssumeRole', sessionArn),
        );
      });
    }

    it('is bound by the session policies it was opened with', async () => {
      const arn = target(trust(roleArn));
      const policy = (document: unknown) => ({ Policy: JSON.stringify(document) });
      assert.equal(outcomeOf(await asSession(arn, {}, policy(allow('sts:AssumeRole', arn)))), 'ok');
      assert.equal(
        outcomeOf(await asSession(arn, {}, policy(allow('s3:*')))),
        denied(arn, 'sts:AssumeRole', sessionArn),
      );
      const denyAll = { 'PolicyArns.member.1.arn': 'arn:aws:iam::aws:policy/AWSDenyAll' };
      assert.equal(outcomeOf(await asSession(arn, {}, denyAll)), denied(arn, 'sts:AssumeRole', sessionArn));
      target(trust(account));
      assert.equal(outcomeOf(await asSession(arn, {}, policy(allow('sts:*')))), 'ok');
    });

    it('lets a role assume itself only where it trusts itself', async () => {
      const [statement] = trust(account).Statement;
      const federated = {
        Effect: 'Allow' as const,
        Principal: { Federated: providerArn },
        Action: 'sts:AssumeRoleWithWebIdentity',
      };
      const both = (own: string): Role['trustPolicy'] => ({
        Version: '2012-10-17',
        Statement: [federated, { Effect: 'Allow', Principal: { AWS: own }, Action: statement?.Action ?? '' }],
      });
      testbed.role('deployer', { trustPolicy: both(account) });
      assert.equal(outcomeOf(await asSession(roleArn)), denied(roleArn, 'sts:AssumeRole', sessionArn));
      testbed.role('deployer', { trustPolicy: both(roleArn) });
      assert.equal(outcomeOf(await asSession(roleArn)), 'ok');
    });

    it('knows what the identity provider said', async () => {
      const arn = target(
        trust(roleArn, 'sts:AssumeRole', { StringLike: { [`${issuerName}:sub`]: 'sc://contoso/shop/*' } }),
      );
      assert.equal(outcomeOf(await asSession(arn)), 'ok');
      target(
        trust(roleArn, 'sts:AssumeRole', { StringLike: { [`${issuerName}:sub`]: 'sc://contoso/bank/*' } }),
      );
      assert.equal(outcomeOf(await asSession(arn)), denied(arn, 'sts:AssumeRole', sessionArn));
      target(trust('*', 'sts:AssumeRole', { StringEquals: { 'aws:FederatedProvider': providerArn } }));
      assert.equal(outcomeOf(await asSession(arn)), 'ok');
      assert.equal(outcomeOf(await asAlice(arn)), denied(arn));
    });

    it('ends with its session', async () => {
      testbed.role('deployer', { sessionLifetime: 5 });
      testbed.clock = new Date('2026-07-01T12:00:00Z');
      const session = credentialsOf(await testbed.federate());
      testbed.clock = new Date('2026-07-01T12:00:06Z');
      const parameters = { RoleArn: target(trust(roleArn)), RoleSessionName: 'chained' };
      assert.match(outcomeOf(await testbed.signed(session, 'AssumeRole', parameters)), /^ExpiredToken: /);
    });
  });

  describe('compares keys of the principal', () => {
    const conditions: readonly [
      condition: Record<string, Record<string, string>>,
      user: boolean,
      session: boolean,
    ][] = [
      [{ StringEquals: { 'aws:PrincipalArn': aliceArn } }, true, false],
      [{ ArnLike: { 'aws:PrincipalArn': `arn:aws:iam::${account}:role/*` } }, false, true],
      [{ StringEquals: { 'aws:PrincipalAccount': account } }, true, true],
      [{ StringEquals: { 'aws:PrincipalType': 'User' } }, true, false],
      [{ StringEquals: { 'aws:PrincipalType': 'AssumedRole' } }, false, true],
      [{ StringEquals: { 'aws:username': 'alice' } }, true, false],
      [{ StringLike: { 'aws:userid': 'AIDA*' } }, true, false],
      [{ StringLike: { 'aws:userid': 'AROA*:build-42' } }, false, true],
      [{ Null: { 'aws:TokenIssueTime': 'true' } }, true, false],
      [{ Null: { 'aws:TokenIssueTime': 'false' } }, false, true],
      [{ Bool: { 'aws:MultiFactorAuthPresent': 'true' } }, false, false],
      [{ BoolIfExists: { 'aws:MultiFactorAuthPresent': 'false' } }, true, true],
      [{ StringEquals: { 'sts:RoleSessionName': 'chained' } }, true, true],
      [{ StringEquals: { 'sts:RoleSessionName': '${aws:username}' } }, false, false],
      [{ StringEquals: { 'aws:ResourceAccount': account } }, true, true],
      [{ Bool: { 'aws:SecureTransport': 'true' } }, true, true],
      [{ StringEquals: { 'aws:RequestedRegion': 'eu-west-1' } }, true, true],
      [{ StringNotEquals: { 's3:prefix': 'x' } }, false, false],
      [{ StringNotEquals: { 'sts:RequestContextProviders': 'x' } }, false, false],
    ];
    for (const [condition, user, session] of conditions) {
      it(JSON.stringify(condition), async () => {
        const arn = target(trust('*', 'sts:AssumeRole', condition));
        assert.equal(outcomeOf(await asAlice(arn)), user ? 'ok' : denied(arn));
        assert.equal(
          outcomeOf(await asSession(arn)),
          session ? 'ok' : denied(arn, 'sts:AssumeRole', sessionArn),
        );
      });
    }
  });

  describe('with session tags', () => {
    const actions = ['sts:AssumeRole', 'sts:TagSession'];
    const tags = { 'Tags.member.1.Key': 'Team', 'Tags.member.1.Value': 'shop' };
    const transitive = { ...tags, 'TransitiveTagKeys.member.1': 'Team' };

    it('needs sts:TagSession', async () => {
      const arn = target(trust(aliceArn));
      assert.equal(outcomeOf(await asAlice(arn, tags)), denied(arn, 'sts:TagSession'));
      target(trust(aliceArn, actions));
      const answer = await asAlice(arn, tags);
      assert.equal(outcomeOf(answer), 'ok');
      assert.equal(textOf(answer, 'PackedPolicySize'), '1');
    });

    it('gives them to the trust policy', async () => {
      const arn = target(trust(aliceArn, actions, { StringEquals: { 'aws:RequestTag/team': 'shop' } }));
      assert.equal(outcomeOf(await asAlice(arn, tags)), 'ok');
      assert.equal(outcomeOf(await asAlice(arn)), denied(arn));
      target(
        trust(aliceArn, actions, {
          'ForAllValues:StringEquals': { 'aws:TagKeys': 'Team', 'sts:TransitiveTagKeys': 'Team' },
        }),
      );
      assert.equal(outcomeOf(await asAlice(arn, transitive)), 'ok');
      assert.equal(
        outcomeOf(await asAlice(arn, { ...tags, 'Tags.member.2.Key': 'x', 'Tags.member.2.Value': '' })),
        denied(arn),
      );
    });

    it('passes transitive ones on, and needs sts:TagSession there too', async () => {
      const first = testbed.role('first', { trustPolicy: trust(aliceArn, actions) });
      const arn = target(trust(first));
      const chain = async (parameters: Form) => {
        const session = credentialsOf(await asAlice(first, parameters));
        return outcomeOf(
          await testbed.signed(session, 'AssumeRole', { RoleArn: arn, RoleSessionName: 'second' }),
        );
      };
      const firstSession = `arn:aws:sts::${account}:assumed-role/first/chained`;
      assert.equal(await chain(tags), 'ok');
      assert.equal(await chain(transitive), denied(arn, 'sts:TagSession', firstSession));
      target(trust(first, actions, { StringEquals: { 'aws:PrincipalTag/team': 'shop' } }));
      assert.equal(await chain(transitive), 'ok');
    });

    it('does not let an inherited tag be set anew', async () => {
      const first = testbed.role('first', { trustPolicy: trust(aliceArn, actions) });
      const session = credentialsOf(await asAlice(first, transitive));
      const parameters = { RoleArn: target(trust(first, actions)), RoleSessionName: 'second' };
      assert.match(
        outcomeOf(
          await testbed.signed(session, 'AssumeRole', {
            ...parameters,
            'Tags.member.1.Key': 'team',
            'Tags.member.1.Value': 'bank',
          }),
        ),
        /^InvalidParameterValue: One of the specified transitive tag keys can't be set/,
      );
    });

    const refused: readonly [what: string, parameters: Form, refusal: RegExp][] = [
      [
        'two keys that differ in case',
        { ...tags, 'Tags.member.2.Key': 'TEAM', 'Tags.member.2.Value': 'bank' },
        /^InvalidParameterValue: Duplicate tag keys found\. Please note that Tag keys are case insensitive\.$/,
      ],
      [
        'a transitive key that is no tag',
        { ...tags, 'TransitiveTagKeys.member.1': 'stage' },
        /^InvalidParameterValue: The specified transitive tag key must be included in the requested tags\.$/,
      ],
      [
        'a key of AWS',
        { 'Tags.member.1.Key': 'aws:team', 'Tags.member.1.Value': 'shop' },
        /^InvalidParameterValue: /,
      ],
      [
        'a key without a value',
        { 'Tags.member.1.Key': 'team' },
        /Value null at 'tags\.1\.member\.value' failed to satisfy constraint: Member must not be null/,
      ],
      [
        'a value with a line feed',
        { 'Tags.member.1.Key': 'team', 'Tags.member.1.Value': 'a\nb' },
        /at 'tags\.1\.member\.value' failed to satisfy constraint: Member must satisfy regular expression pattern: \[\\p\{L\}/,
      ],
      [
        'a gap in the list',
        { 'Tags.member.2.Key': 'team', 'Tags.member.2.Value': 'shop' },
        /^InvalidQueryParameter: .*Tags\.member\.2\.Key/,
      ],
    ];
    for (const [what, parameters, refusal] of refused) {
      it(`refuses ${what}`, async () =>
        assert.match(outcomeOf(await asAlice(target(trust(aliceArn, actions)), parameters)), refusal));
    }
  });

  describe('with a source identity', () => {
    const actions = ['sts:AssumeRole', 'sts:SetSourceIdentity'];

    it('needs sts:SetSourceIdentity, and keeps it in every session after', async () => {
      const first = testbed.role('first', { trustPolicy: trust(aliceArn) });
      assert.equal(
        outcomeOf(await asAlice(first, { SourceIdentity: 'pipeline' })),
        denied(first, 'sts:SetSourceIdentity'),
      );
      testbed.role('first', {
        trustPolicy: trust(aliceArn, actions, { StringEquals: { 'sts:SourceIdentity': 'pipeline' } }),
      });
      const answer = await asAlice(first, { SourceIdentity: 'pipeline' });
      assert.equal(textOf(answer, 'SourceIdentity'), 'pipeline');
      const second = await testbed.signed(credentialsOf(answer), 'AssumeRole', {
        RoleArn: target(trust(first, actions, { StringEquals: { 'aws:SourceIdentity': 'pipeline' } })),
        RoleSessionName: 'second',
        SourceIdentity: 'somebody-else',
      });
      assert.equal(textOf(second, 'SourceIdentity'), 'pipeline');
    });

    it('refuses one that begins with aws:', async () => {
      assert.match(
        outcomeOf(await asAlice(roleArn, { SourceIdentity: 'aws:x' })),
        /^ValidationError: .*'sourceIdentity'/,
      );
    });
  });

  it('has no MFA devices', async () => {
    const parameters = { SerialNumber: `arn:aws:iam::${account}:mfa/alice`, TokenCode: '123456' };
    assert.match(
      outcomeOf(await asAlice(target(trust(aliceArn)), parameters)),
      /^AccessDenied: MultiFactorAuthentication failed/,
    );
  });

  it('keeps partitions apart', async () => {
    const china = { host: 'sts.cn-north-1.amazonaws.com.cn', region: 'cn-north-1' };
    const session = credentialsOf(await testbed.federate());
    assert.match(
      outcomeOf(await testbed.signed(session, 'GetCallerIdentity', {}, china)),
      /^InvalidClientTokenId: /,
    );
  });
});
