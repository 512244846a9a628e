// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables look like JavaScript's
import assert from 'node:assert/strict';
import {
  MalformedPolicyDocument,
  parseSessionPolicy,
  rolePoliciesSchema,
  trustPolicySchema,
  userPoliciesSchema,
} from '../../../../sandbox/aws/iam/policy-document.ts';

const trust = {
  Effect: 'Allow',
  Principal: { Federated: 'arn:aws:iam::111122223333:oidc-provider/idp.example.com' },
  Action: 'sts:AssumeRoleWithWebIdentity',
};
const identity = { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' };
const current = (statement: unknown) => ({ Version: '2012-10-17', Statement: statement });

const faultsOf = (result: {
  error?: { issues: readonly { path: readonly PropertyKey[]; message: string }[] } | undefined;
}) => (result.error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);

const trustFaults = (document: unknown) => faultsOf(trustPolicySchema.safeParse(document));
const identityFaults = (document: unknown) => faultsOf(rolePoliciesSchema.safeParse({ own: document }));

describe('policy documents', () => {
  it('take one statement for a list of one, and values of one for lists', () => {
    assert.deepEqual(trustPolicySchema.parse(current(trust)).Statement, [trust]);
    assert.deepEqual(trustFaults(current([trust, { ...trust, Effect: 'Deny' }])), []);
    assert.deepEqual(identityFaults(current(identity)), []);
  });

  it('take booleans and numbers of conditions for texts', () => {
    const Condition = {
      Bool: { 'aws:SecureTransport': true },
      NumericLessThan: { 'aws:EpochTime': 4_000_000_000 },
    };
    assert.deepEqual(trustPolicySchema.parse(current({ ...trust, Condition })).Statement[0]?.Condition, {
      Bool: { 'aws:SecureTransport': 'true' },
      NumericLessThan: { 'aws:EpochTime': '4000000000' },
    });
  });

  const refusedTrust: readonly [what: string, document: unknown, fault: RegExp][] = [
    ['no statement', current([]), /Statement: /],
    ['another version', { Version: '2012-10-18', Statement: trust }, /Version: The version is not valid/],
    ['an unknown element of the document', { ...current(trust), Statements: [] }, /Unrecognized key/],
    [
      'an unknown element of a statement',
      current({ ...trust, Conditions: {} }),
      /Statement\.0: Unrecognized key/,
    ],
    ['an effect in lower case', current({ ...trust, Effect: 'allow' }), /Effect: The effect is not valid/],
    ['no effect', current({ Principal: trust.Principal, Action: trust.Action }), /Effect: /],
    [
      'no principal',
      current({ Effect: 'Allow', Action: trust.Action }),
      /Principal: Add a Principal element/,
    ],
    ['an empty principal', current({ ...trust, Principal: {} }), /includes no principals/],
    ['an unknown kind of principal', current({ ...trust, Principal: { Aws: '*' } }), /Principal: /],
    [
      'NotPrincipal',
      current({ Effect: 'Allow', NotPrincipal: trust.Principal, Action: trust.Action }),
      /NotPrincipal: Role trust policies do not support NotPrincipal/,
    ],
    [
      'NotPrincipal with Deny',
      current({ Effect: 'Deny', NotPrincipal: trust.Principal, Action: trust.Action }),
      /do not support NotPrincipal/,
    ],
    [
      'a resource',
      current({ ...trust, Resource: '*' }),
      /Resource: Role trust policies apply to the role that they are attached to/,
    ],
    ['no action', current({ Effect: 'Allow', Principal: '*' }), /Action: Add an Action or NotAction element/],
    ['an empty list of actions', current({ ...trust, Action: [] }), /Action: /],
    [
      'Action and NotAction',
      current({ ...trust, NotAction: 'sts:AssumeRole' }),
      /can not be used in the same statement/,
    ],
    [
      'an action of another service',
      current({ ...trust, Action: 's3:GetObject' }),
      /AssumeRole policy may only specify STS AssumeRole actions/,
    ],
    [
      'every action',
      current({ ...trust, Action: '*' }),
      /AssumeRole policy may only specify STS AssumeRole actions/,
    ],
    [
      'an action without its service',
      current({ ...trust, Action: 'AssumeRole' }),
      /The action AssumeRole does not exist/,
    ],
    [
      'a variable in an action',
      current({ ...trust, Action: 'sts:${aws:username}' }),
      /Policy variables are supported in the Resource and Condition elements/,
    ],
    ['a Sid with a space', current({ ...trust, Sid: 'My statement' }), /Sid: Update the characters/],
    [
      'a Sid twice',
      current([
        { ...trust, Sid: 'One' },
        { ...trust, Sid: 'One' },
      ]),
      /Duplicate statement IDs/,
    ],
    [
      'an operator that is none',
      current({ ...trust, Condition: { StringEqual: { 'sts:ExternalId': 'x' } } }),
      /Condition\.StringEqual: The condition operator StringEqual is not valid/,
    ],
    [
      'a key in two spellings',
      current({ ...trust, Condition: { StringEquals: { 'sts:ExternalId': 'x', 'STS:externalid': 'y' } } }),
      /more than once with different capitalization/,
    ],
    [
      'a condition without values',
      current({ ...trust, Condition: { StringEquals: { 'sts:ExternalId': [] } } }),
      /There are no values/,
    ],
  ];
  for (const [what, document, fault] of refusedTrust) {
    it(`refuses a trust policy with ${what}`, () => assert.match(trustFaults(document).join('\n'), fault));
  }

  const refusedIdentity: readonly [what: string, document: unknown, fault: RegExp][] = [
    ['a principal', current({ ...identity, Principal: '*' }), /does not support the Principal element/],
    [
      'no resource',
      current({ Effect: 'Allow', Action: 'sts:AssumeRole' }),
      /Resource: Add a Resource or NotResource element/,
    ],
    [
      'Resource and NotResource',
      current({ ...identity, NotResource: '*' }),
      /can not be used in the same statement/,
    ],
    [
      'a resource that is no ARN',
      current({ ...identity, Resource: 'role/deployer' }),
      /Add the required prefix \(arn\)/,
    ],
    [
      'a variable before the fifth colon',
      current({ ...identity, Resource: 'arn:aws:iam::${aws:PrincipalAccount}:role/x' }),
      /must include at least 6 fields/,
    ],
    ['an Id', { ...current(identity), Id: 'mine' }, /The policy element Id is not valid/],
  ];
  for (const [what, document, fault] of refusedIdentity) {
    it(`refuses an identity policy with ${what}`, () =>
      assert.match(identityFaults(document).join('\n'), fault));
  }

  it('takes a variable after the fifth colon, and any text like one before 2012-10-17', () => {
    assert.deepEqual(
      identityFaults(current({ ...identity, Resource: 'arn:aws:iam::111122223333:role/${aws:username}' })),
      [],
    );
    assert.deepEqual(
      identityFaults({ Statement: { ...identity, Resource: 'arn:aws:iam::${x}:role/y' } }),
      [],
    );
  });

  it('reports every fault at once', () => {
    assert.equal(
      trustFaults(current({ ...trust, Principal: { AWS: ['a', 'b'] }, Action: 's3:*' })).length,
      3,
    );
  });

  describe('of a session', () => {
    const parse = (json: string) => () => parseSessionPolicy(json);

    it('are read from JSON', () => {
      assert.equal(parseSessionPolicy(JSON.stringify(current(identity))).length, 1);
    });

    it('are refused where they are no JSON, no policy, or say a thing twice', () => {
      assert.throws(parse('{'), MalformedPolicyDocument);
      assert.throws(parse('[]'), MalformedPolicyDocument);
      assert.throws(parse(JSON.stringify(current({ ...identity, Principal: '*' }))), MalformedPolicyDocument);
      assert.throws(
        parse(
          '{"Version":"2012-10-17","Statement":{"Effect":"Deny","Effect":"Allow","Action":"*","Resource":"*"}}',
        ),
        MalformedPolicyDocument,
      );
    });
  });

  describe('as long as they may be', () => {
    /** A policy of so many characters, with white space that does not count. */
    function ofSize(size: number, statement: Record<string, unknown>) {
      const document = (sid: string) => ({ Version: '2012-10-17', Statement: [{ Sid: sid, ...statement }] });
      return document('x'.repeat(size - JSON.stringify(document('')).length));
    }

    it('a trust policy: 2,048 characters', () => {
      assert.deepEqual(trustFaults(ofSize(2048, trust)), []);
      assert.match(trustFaults(ofSize(2049, trust)).join(), /Cannot exceed quota for ACLSizePerRole: 2048/);
    });

    it('the inline policies of a role: 10,240 characters together', () => {
      const half = ofSize(5120, identity);
      assert.deepEqual(faultsOf(rolePoliciesSchema.safeParse({ one: half, two: half })), []);
      assert.match(
        faultsOf(rolePoliciesSchema.safeParse({ one: half, two: ofSize(5121, identity) })).join(),
        /10240 bytes exceeded/,
      );
    });

    it('the inline policies of a user: 2,048 characters together', () => {
      const half = ofSize(1024, identity);
      assert.deepEqual(faultsOf(userPoliciesSchema.safeParse({ one: half, two: half })), []);
      assert.match(
        faultsOf(userPoliciesSchema.safeParse({ one: half, two: ofSize(1025, identity) })).join(),
        /2048 bytes exceeded/,
      );
    });
  });
});
