import assert from 'node:assert/strict';
import { type Caller, type Naming, names, readPrincipal } from '../../../../sandbox/aws/iam/principals.ts';

const callers = {
  user: { kind: 'user', account: '111122223333', arn: 'arn:aws:iam::111122223333:user/ops/alice' },
  session: {
    kind: 'session',
    account: '111122223333',
    arn: 'arn:aws:sts::111122223333:assumed-role/deployer/build-7',
    roleArn: 'arn:aws:iam::111122223333:role/pipelines/deployer',
  },
  webIdentity: {
    kind: 'webIdentity',
    account: '111122223333',
    arn: 'arn:aws:iam::111122223333:oidc-provider/idp.example.com/t',
  },
} as const satisfies Record<string, Caller>;

type Type = Parameters<typeof readPrincipal>[0];

const table: readonly [type: Type, value: string, user: Naming, session: Naming, webIdentity: Naming][] = [
  ['AWS', '*', 'itself', 'itself', 'undocumented'],
  ['AWS', '111122223333', 'itsAccount', 'itsAccount', 'not'],
  ['AWS', 'arn:aws:iam::111122223333:root', 'itsAccount', 'itsAccount', 'not'],
  ['AWS', 'arn:aws-cn:iam::111122223333:root', 'not', 'not', 'not'],
  ['AWS', '444455556666', 'not', 'not', 'not'],
  ['AWS', 'arn:aws:iam::111122223333:user/ops/alice', 'itself', 'not', 'not'],
  ['AWS', 'arn:aws:iam::111122223333:user/alice', 'not', 'not', 'not'],
  ['AWS', 'arn:aws:iam::111122223333:user/ops/Alice', 'not', 'not', 'not'],
  ['AWS', 'arn:aws:iam::444455556666:user/ops/alice', 'not', 'not', 'not'],
  ['AWS', 'arn:aws:iam::111122223333:role/pipelines/deployer', 'not', 'itself', 'not'],
  ['AWS', 'arn:aws:iam::111122223333:role/deployer', 'not', 'not', 'not'],
  ['AWS', 'arn:aws:sts::111122223333:assumed-role/deployer/build-7', 'not', 'itself', 'not'],
  ['AWS', 'arn:aws:sts::111122223333:assumed-role/deployer/build-8', 'not', 'not', 'not'],
  ['Federated', 'arn:aws:iam::111122223333:oidc-provider/idp.example.com/t', 'not', 'not', 'itself'],
  ['Federated', 'arn:aws:iam::111122223333:oidc-provider/idp.example.com/T', 'not', 'not', 'not'],
  ['Federated', 'arn:aws:iam::111122223333:oidc-provider/idp.example.com', 'not', 'not', 'not'],
  ['Federated', 'arn:aws:iam::444455556666:oidc-provider/idp.example.com/t', 'not', 'not', 'not'],
  ['Federated', 'arn:aws:iam::111122223333:saml-provider/idp', 'not', 'not', 'not'],
  ['Federated', 'idp.example.com', 'not', 'not', 'not'],
  ['Service', 'ecs-tasks.amazonaws.com', 'not', 'not', 'not'],
];

const refused: readonly [type: Type, value: string, fault: RegExp][] = [
  ['AWS', 'arn:aws:iam::111122223333:user/*', /Wildcards/],
  ['AWS', 'arn:aws:sts::111122223333:assumed-role/deployer/*', /Wildcards/],
  ['AWS', '11112222333?', /Wildcards/],
  ['AWS', '11112222333', /Invalid principal in policy: "AWS":"11112222333"/],
  ['AWS', 'alice', /Invalid principal/],
  ['AWS', 'arn:aws:iam::111122223333:group/ops', /Invalid principal/],
  ['AWS', 'arn:aws:sts::111122223333:assumed-role/deployer', /Invalid principal/],
  ['AWS', 'arn:aws:iam::111122223333:role/', /Invalid principal/],
  ['AWS', 'AROA1234567890EXAMPLE', /Invalid principal/],
  ['Federated', '*', /Wildcards/],
  ['Federated', 'https://idp.example.com', /does not match the expected format/],
  ['Federated', 'arn:aws:iam::111122223333:role/deployer', /does not match the expected format/],
  ['Service', '*', /Wildcards/],
  ['Service', 'ec2', /Invalid principal/],
  [
    'CanonicalUser',
    '79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be',
    /CanonicalUser is not valid/,
  ],
];

describe('principals', () => {
  for (const [type, value, ...expected] of table) {
    it(`${type} ${value}: ${expected.join(', ')}`, () => {
      const reading = readPrincipal(type, value);
      assert.ok('principal' in reading);
      const namings = [callers.user, callers.session, callers.webIdentity].map((caller) =>
        names(reading.principal, caller),
      );
      assert.deepEqual(namings, expected);
    });
  }

  it('* names everybody', () => {
    for (const caller of Object.values(callers)) assert.equal(names({ kind: 'everyone' }, caller), 'itself');
  });

  for (const [type, value, fault] of refused) {
    it(`refuses ${type} ${value}`, () => {
      const reading = readPrincipal(type, value);
      assert.ok('fault' in reading);
      assert.match(reading.fault, fault);
    });
  }
});
