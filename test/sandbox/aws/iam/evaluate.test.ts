// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables look like JavaScript's
import assert from 'node:assert/strict';
import {
  type Authorization,
  evaluateIdentityPolicies,
  evaluateTrustPolicy,
} from '../../../../sandbox/aws/iam/evaluate.ts';
import { readIdentityPolicy, readTrustPolicy } from '../../../../sandbox/aws/iam/policy-document.ts';
import type { PolicyDocument } from '../../../../sandbox/aws/iam/policy-grammar.ts';
import type { Caller } from '../../../../sandbox/aws/iam/principals.ts';
import { type ContextValue, requestContext } from '../../../../sandbox/aws/iam/request-context.ts';

const alice: Caller = { kind: 'user', account: '111122223333', arn: 'arn:aws:iam::111122223333:user/alice' };
const resource = 'arn:aws:iam::111122223333:role/pipelines/deployer';

type Statement = PolicyDocument['Statement'][number];

const request = (action: string, keys: readonly (readonly [string, ContextValue])[] = []): Authorization => ({
  action,
  resource,
  context: requestContext(keys, (key) => key !== 'aws:sourcevpc'),
});

describe('evaluation of trust policies', () => {
  const by = (Principal: Statement['Principal'], more: Partial<Statement> = {}): Statement => ({
    Effect: 'Allow',
    Principal,
    Action: 'sts:AssumeRole',
    ...more,
  });
  const decide = (statements: Statement[], authorization = request('sts:AssumeRole')) =>
    evaluateTrustPolicy(
      readTrustPolicy({ Version: '2012-10-17', Statement: statements }),
      alice,
      authorization,
    );

  const itself = by({ AWS: alice.arn });
  const account = by({ AWS: alice.account });
  const other = by({ AWS: 'arn:aws:iam::111122223333:user/bob' });

  it('allows a principal that is named', () => assert.equal(decide([itself]), 'allow'));
  it('tells an account that is named from a principal', () =>
    assert.equal(decide([account]), 'allowAccount'));
  it('prefers the principal, in whatever order', () => {
    assert.equal(decide([account, itself]), 'allow');
    assert.equal(decide([itself, account]), 'allow');
    assert.equal(decide([by({ AWS: [alice.account, alice.arn] })]), 'allow');
  });
  it('has nothing to say of others', () => assert.equal(decide([other]), 'none'));
  it('lets Deny win, in whatever order', () => {
    const deny = by({ AWS: alice.account }, { Effect: 'Deny' });
    assert.equal(decide([itself, deny]), 'deny');
    assert.equal(decide([deny, itself]), 'deny');
  });
  it('minds Deny only for whom and what it is', () => {
    assert.equal(decide([itself, { ...other, Effect: 'Deny' }]), 'allow');
    assert.equal(decide([itself, by('*', { Effect: 'Deny', Action: 'sts:TagSession' })]), 'allow');
    const condition = { StringEquals: { 'sts:ExternalId': 'x' } };
    assert.equal(decide([itself, by('*', { Effect: 'Deny', Condition: condition })]), 'allow');
  });

  const actions: readonly [action: string, selects: boolean][] = [
    ['sts:AssumeRole', true],
    ['STS:assumerole', true],
    ['sts:*', true],
    ['sts:Assume*', true],
    ['sts:AssumeRol?', true],
    ['sts:AssumeRole*', true],
    ['sts:AssumeRole?', false],
    ['sts:AssumeRoleWithWebIdentity', false],
  ];
  for (const [Action, selects] of actions) {
    it(`Action ${Action} ${selects ? 'selects' : 'does not select'} sts:AssumeRole, NotAction the other way`, () => {
      assert.equal(decide([by('*', { Action })]), selects ? 'allow' : 'none');
      const { Action: _, ...without } = by('*');
      assert.equal(decide([{ ...without, NotAction: Action }]), selects ? 'none' : 'allow');
    });
  }

  it('takes doubt against the caller, in Allow and in Deny', () => {
    const doubtful = { StringNotEquals: { 'aws:SourceVpc': 'vpc-1' } };
    assert.equal(decide([{ ...itself, Condition: doubtful }]), 'none');
    assert.equal(decide([itself, by('*', { Effect: 'Deny', Condition: doubtful })]), 'deny');
  });

  it('needs every condition, across operators and within one', () => {
    const keys = [
      ['sts:ExternalId', 'x'],
      ['aws:username', 'alice'],
    ] as const;
    const holding = { StringEquals: { 'sts:ExternalId': 'x' }, StringLike: { 'aws:username': 'a*' } };
    assert.equal(decide([{ ...itself, Condition: holding }], request('sts:AssumeRole', keys)), 'allow');
    const within = { StringEquals: { 'sts:ExternalId': 'x', 'aws:username': 'bob' } };
    assert.equal(decide([{ ...itself, Condition: within }], request('sts:AssumeRole', keys)), 'none');
    const across = { StringEquals: { 'sts:ExternalId': 'x' }, StringLike: { 'aws:username': 'b*' } };
    assert.equal(decide([{ ...itself, Condition: across }], request('sts:AssumeRole', keys)), 'none');
  });

  it('reads variables as texts before 2012-10-17', () => {
    const statement = { ...itself, Condition: { StringEquals: { 'sts:ExternalId': '${aws:username}' } } };
    const keys = [
      ['sts:ExternalId', 'alice'],
      ['aws:username', 'alice'],
    ] as const;
    const literally = [
      ['sts:ExternalId', '${aws:username}'],
      ['aws:username', 'alice'],
    ] as const;
    const decideIn = (Version: PolicyDocument['Version'], given: typeof keys | typeof literally) =>
      evaluateTrustPolicy(
        readTrustPolicy({ ...(Version && { Version }), Statement: [statement] }),
        alice,
        request('sts:AssumeRole', given),
      );
    assert.equal(decideIn('2012-10-17', keys), 'allow');
    assert.equal(decideIn('2012-10-17', literally), 'none');
    for (const version of ['2008-10-17', undefined] as const) {
      assert.equal(decideIn(version, keys), 'none');
      assert.equal(decideIn(version, literally), 'allow');
    }
  });
});

describe('evaluation of identity policies', () => {
  const decide = (...statements: Statement[]) =>
    evaluateIdentityPolicies(
      statements.map((statement) => readIdentityPolicy({ Version: '2012-10-17', Statement: [statement] })),
      request('sts:AssumeRole', [['aws:username', 'deployer']]),
    );
  const on = (Resource: string | string[], more: Partial<Statement> = {}): Statement => ({
    Effect: 'Allow',
    Action: 'sts:AssumeRole',
    Resource,
    ...more,
  });

  const resources: readonly [pattern: string, selects: boolean][] = [
    ['*', true],
    [resource, true],
    ['arn:aws:iam::111122223333:role/*', true],
    ['arn:aws:iam::*:role/pipelines/*', true],
    ['arn:aws:iam::111122223333:role/pipelines/${aws:username}', true],
    ['arn:aws:iam::111122223333:role/pipelines/${aws:PrincipalTag/team}', false],
    ['arn:aws:iam::111122223333:role/deployer', false],
    ['arn:aws:iam::111122223333:role/Pipelines/deployer', false],
    ['arn:aws:iam::444455556666:role/*', false],
  ];
  for (const [pattern, selects] of resources) {
    it(`Resource ${pattern} ${selects ? 'selects' : 'does not select'} the role, NotResource the other way`, () => {
      assert.equal(decide(on(pattern)), selects ? 'allow' : 'none');
      const { Resource: _, ...without } = on(pattern);
      assert.equal(decide({ ...without, NotResource: pattern }), selects ? 'none' : 'allow');
    });
  }

  it('takes a resource in doubt against the caller', () => {
    const doubtful = 'arn:aws:iam::111122223333:role/${aws:SourceVpc}';
    assert.equal(decide(on(doubtful)), 'none');
    assert.equal(decide(on('*'), on(doubtful, { Effect: 'Deny' })), 'deny');
  });

  it('lets Deny of one policy win over Allow of another', () => {
    assert.equal(decide(on('*'), on(resource, { Effect: 'Deny' })), 'deny');
    assert.equal(decide(on('*'), on('arn:aws:iam::111122223333:role/other', { Effect: 'Deny' })), 'allow');
  });

  it('allows nothing by itself', () => assert.equal(decide(), 'none'));
});
