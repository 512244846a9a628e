// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables look like JavaScript's
import assert from 'node:assert/strict';
import { holds, type Outcome, readCondition } from '../../../../sandbox/aws/iam/conditions.ts';
import { requestContext } from '../../../../sandbox/aws/iam/request-context.ts';

const idp = 'idp.example.com/tenant';

const context = requestContext(
  [
    [`${idp}:sub`, 'sc://contoso/shop/aws'],
    [`${idp}:aud`, 'api://AzureADTokenExchange'],
    [`${idp}:amr`, ['pwd', 'mfa']],
    ['aws:TagKeys', ['']],
    ['aws:RequestTag/team', 'shop'],
    ['aws:CurrentTime', '2026-07-01T12:00:00.000Z'],
    ['aws:EpochTime', '1782907200'],
    ['aws:SecureTransport', 'true'],
    ['aws:SourceIp', '203.0.113.7'],
    ['aws:PrincipalArn', 'arn:aws:iam::111122223333:role/pipelines/deployer'],
    ['aws:username', 'shop'],
    ['aws:userid', 'Künstler'],
    ['aws:MultiFactorAuthAge', '3599.5'],
  ],
  (key) => key !== 'aws:sourcevpc',
);

const sub = `${idp}:sub`;
const amr = `${idp}:amr`;
const absent = 'sts:ExternalId';

type Row = readonly [operator: string, key: string, values: string | readonly string[], outcome: Outcome];

const table: readonly Row[] = [
  // String
  ['StringEquals', sub, 'sc://contoso/shop/aws', true],
  ['StringEquals', sub, 'SC://contoso/shop/aws', false],
  ['StringEquals', sub, 'sc://contoso/*', false],
  ['StringEquals', sub, ['x', 'sc://contoso/shop/aws'], true],
  ['StringEquals', sub.toUpperCase(), 'sc://contoso/shop/aws', true],
  ['StringNotEquals', sub, 'sc://contoso/shop/aws', false],
  ['StringNotEquals', sub, ['x', 'sc://contoso/shop/aws'], false],
  ['StringNotEquals', sub, ['x', 'y'], true],
  ['StringEqualsIgnoreCase', sub, 'SC://CONTOSO/SHOP/AWS', true],
  ['StringEqualsIgnoreCase', sub, 'SC://CONTOSO/SHOP/*', false],
  ['StringEqualsIgnoreCase', 'aws:userid', 'KÜNSTLER', true],
  ['StringNotEqualsIgnoreCase', sub, 'SC://CONTOSO/SHOP/AWS', false],
  ['StringNotEqualsIgnoreCase', sub, 'SC://CONTOSO/SHOP', true],
  ['StringLike', sub, 'sc://contoso/*', true],
  ['StringLike', sub, 'sc://contoso/shop/aw?', true],
  ['StringLike', sub, 'contoso', false],
  ['StringLike', sub, 'SC://contoso/*', false],
  ['StringLike', sub, ['x', '*/aws'], true],
  ['StringNotLike', sub, 'sc://contoso/*', false],
  ['StringNotLike', sub, ['x', 'sc://*'], false],
  ['StringNotLike', sub, 'sc://evil/*', true],
  // an absent key
  ['StringEquals', absent, 'x', false],
  ['StringLike', absent, '*', false],
  ['StringNotEquals', absent, 'x', true],
  ['StringNotLike', absent, '*', true],
  ['ArnNotLike', absent, 'arn:aws:iam::*:role/*', true],
  ['Bool', absent, 'false', false],
  ['NumericLessThan', absent, '1', false],
  ['StringEqualsIfExists', absent, 'x', true],
  ['StringEqualsIfExists', sub, 'x', false],
  ['StringLikeIfExists', sub, 'sc://*', true],
  ['StringNotEqualsIfExists', absent, 'x', true],
  ['StringNotEqualsIfExists', sub, 'sc://contoso/shop/aws', false],
  ['BoolIfExists', absent, 'true', true],
  ['Null', absent, 'true', true],
  ['Null', absent, 'false', false],
  ['Null', sub, 'true', false],
  ['Null', sub, 'false', true],
  ['Null', amr, 'false', true],
  // a key whose value nobody knows
  ['StringEquals', 'aws:SourceVpc', 'vpc-1', 'unknown'],
  ['StringNotEqualsIfExists', 'aws:SourceVpc', 'vpc-1', 'unknown'],
  ['Null', 'aws:SourceVpc', 'true', 'unknown'],
  ['ForAllValues:StringEquals', 'aws:SourceVpc', 'vpc-1', 'unknown'],
  // several values
  ['ForAnyValue:StringEquals', amr, 'mfa', true],
  ['ForAnyValue:StringEquals', amr, ['fido', 'otp'], false],
  ['ForAnyValue:StringLike', amr, 'm*', true],
  ['ForAnyValue:StringNotEquals', amr, 'mfa', true],
  ['ForAnyValue:StringNotEquals', amr, ['mfa', 'pwd'], false],
  ['ForAnyValue:StringEquals', absent, 'x', false],
  ['ForAnyValue:StringNotEquals', absent, 'x', false],
  ['ForAnyValue:StringEqualsIfExists', absent, 'x', true],
  ['ForAllValues:StringEquals', amr, 'mfa', false],
  ['ForAllValues:StringEquals', amr, ['mfa', 'pwd', 'fido'], true],
  ['ForAllValues:StringNotEquals', amr, 'fido', true],
  ['ForAllValues:StringNotEquals', amr, ['fido', 'pwd'], false],
  ['ForAllValues:StringEquals', absent, 'x', true],
  ['ForAllValues:StringEquals', sub, 'sc://contoso/shop/aws', true],
  ['ForAnyValue:StringEquals', sub, 'sc://contoso/shop/aws', true],
  ['ForAllValues:StringEquals', 'aws:TagKeys', 'x', 'unknown'],
  ['ForAnyValue:StringEquals', 'aws:TagKeys', 'x', 'unknown'],
  ['StringEquals', amr, 'mfa', 'unknown'],
  ['StringNotEquals', amr, 'fido', 'unknown'],
  // policy variables
  ['StringEquals', 'aws:RequestTag/team', '${aws:username}', true],
  ['StringNotEquals', 'aws:RequestTag/team', '${aws:username}', false],
  ['StringEquals', 'aws:RequestTag/team', '${sts:ExternalId}', false],
  ['StringNotEquals', 'aws:RequestTag/team', '${sts:ExternalId}', true],
  ['StringEquals', 'aws:RequestTag/team', "${sts:ExternalId, 'shop'}", true],
  ['StringNotEquals', 'aws:RequestTag/team', '${aws:SourceVpc}', 'unknown'],
  ['StringEquals', 'aws:RequestTag/team', ['${aws:SourceVpc}', 'shop'], true],
  ['StringLike', sub, 'sc://contoso/${aws:username}/*', true],
  ['ArnLike', 'aws:PrincipalArn', 'arn:aws:iam::111122223333:role/${sts:ExternalId}/*', false],
  // Numeric
  ['NumericEquals', 'aws:EpochTime', '1782907200', true],
  ['NumericEquals', 'aws:EpochTime', '1782907200.0', true],
  ['NumericNotEquals', 'aws:EpochTime', '1782907200', false],
  ['NumericLessThan', 'aws:MultiFactorAuthAge', '3600', true],
  ['NumericLessThan', 'aws:MultiFactorAuthAge', '3599.5', false],
  ['NumericLessThanEquals', 'aws:MultiFactorAuthAge', '3599.5', true],
  ['NumericGreaterThan', 'aws:EpochTime', '1', true],
  ['NumericGreaterThanEquals', 'aws:EpochTime', '1782907201', false],
  ['NumericEquals', sub, '1', 'unknown'],
  ['NumericNotEquals', sub, '1', 'unknown'],
  // Date
  ['DateEquals', 'aws:CurrentTime', '2026-07-01T12:00:00Z', true],
  ['DateEquals', 'aws:CurrentTime', '1782907200', true],
  ['DateNotEquals', 'aws:CurrentTime', '2026-07-01T14:00:00+02:00', false],
  ['DateLessThan', 'aws:CurrentTime', '2026-07-02', true],
  ['DateLessThanEquals', 'aws:CurrentTime', '2026-07-01T12:00:00Z', true],
  ['DateGreaterThan', 'aws:CurrentTime', '2026-07-01T12:00Z', false],
  ['DateGreaterThanEquals', 'aws:CurrentTime', '2026', true],
  // Bool, Binary
  ['Bool', 'aws:SecureTransport', 'true', true],
  ['Bool', 'aws:SecureTransport', 'false', false],
  ['BinaryEquals', 'aws:RequestTag/team', 'c2hvcA==', true],
  ['BinaryEquals', 'aws:RequestTag/team', 'c2hvcHM=', false],
  // IP address
  ['IpAddress', 'aws:SourceIp', '203.0.113.0/24', true],
  ['IpAddress', 'aws:SourceIp', '203.0.113.7', true],
  ['IpAddress', 'aws:SourceIp', ['10.0.0.0/8', '203.0.112.0/23'], true],
  ['IpAddress', 'aws:SourceIp', '2001:db8::/32', false],
  ['NotIpAddress', 'aws:SourceIp', '203.0.113.0/24', false],
  ['NotIpAddress', 'aws:SourceIp', ['10.0.0.0/8', '2001:db8::/32'], true],
  ['NotIpAddress', sub, '10.0.0.0/8', 'unknown'],
  // ARN
  ['ArnEquals', 'aws:PrincipalArn', 'arn:aws:iam::111122223333:role/pipelines/*', true],
  ['ArnLike', 'aws:PrincipalArn', 'arn:aws:iam::*:role/*', true],
  ['ArnLike', 'aws:PrincipalArn', 'arn:aws:*::*:role/pipelines/deployer', true],
  ['ArnLike', 'aws:PrincipalArn', 'arn:aws:iam:*:role/pipelines:deployer:x', false],
  ['ArnNotEquals', 'aws:PrincipalArn', 'arn:aws:iam::111122223333:role/pipelines/deployer', false],
  ['ArnNotLike', 'aws:PrincipalArn', 'arn:aws:iam::444455556666:role/*', true],
  ['ArnNotLike', sub, 'arn:aws:iam::444455556666:role/*', 'unknown'],
];

/** The outcome, or the fault of a condition that cannot be read. */
function evaluate([operator, key, values]: Row): Outcome | string {
  const reading = readCondition(operator, key, typeof values === 'string' ? [values] : values, '2012-10-17');
  return 'fault' in reading ? `fault: ${reading.fault}` : holds(reading.condition, context);
}

describe('conditions', () => {
  for (const row of table) {
    const [operator, key, values, outcome] = row;
    it(`${operator} ${key} ${JSON.stringify(values)}: ${outcome}`, () =>
      assert.equal(evaluate(row), outcome));
  }

  const faults: readonly (readonly [operator: string, key: string, values: string[], fault: RegExp])[] = [
    ['StringEqual', sub, ['x'], /The condition operator StringEqual is not valid/],
    ['stringEquals', sub, ['x'], /The condition operator stringEquals is not valid/],
    ['ForSomeValues:StringEquals', sub, ['x'], /is not valid/],
    ['ForAnyValue:', sub, ['x'], /is not valid/],
    ['StringEqualsIfExistsIfExists', sub, ['x'], /is not valid/],
    ['toString', sub, ['x'], /is not valid/],
    ['NullIfExists', sub, ['true'], /cannot be used with the IfExists suffix/],
    ['ForAllValues:Null', sub, ['true'], /Avoid using the Null condition operator/],
    ['Null', sub, ['true', 'false'], /single Boolean value/],
    ['Null', sub, ['yes'], /single Boolean value/],
    ['StringEquals', sub, [], /There are no values/],
    ['Bool', 'aws:SecureTransport', ['True'], /data type Boolean/],
    ['NumericEquals', 'aws:EpochTime', ['12e3'], /data type Number/],
    ['NumericEquals', 'aws:EpochTime', ['*'], /data type Number/],
    ['DateLessThan', 'aws:CurrentTime', ['tomorrow'], /data type Date/],
    ['DateLessThan', 'aws:CurrentTime', ['2026-13-01'], /data type Date/],
    ['IpAddress', 'aws:SourceIp', ['203.0.113.0/33'], /data type IP range/],
    ['IpAddress', 'aws:SourceIp', ['203.0.113.*'], /data type IP range/],
    ['BinaryEquals', 'aws:RequestTag/team', ['not base64'], /data type Binary/],
    ['ArnLike', 'aws:PrincipalArn', ['arn:*:role/*'], /must include at least 6 fields/],
    ['ArnLike', 'aws:PrincipalArn', ['ARN:aws:iam::111122223333:role/*'], /must include at least 6 fields/],
    ['ArnLike', 'aws:PrincipalArn', ['*'], /must include at least 6 fields/],
    ['Bool', 'aws:SecureTransport', ['${aws:username}'], /only be used with String and ARN operators/],
    ['NumericEquals', 'aws:EpochTime', ['${aws:username}'], /only be used with String and ARN operators/],
    ['StringEquals', sub, ['${aws:username'], /missing a closing curly brace/],
    ['StringEquals', 'username', ['x'], /Use the format service:keyname/],
    ['StringEquals', ':sub', ['x'], /Use the format service:keyname/],
    ['StringEquals', 'aws:', ['x'], /Use the format service:keyname/],
    ['StringEquals', 'aws:PrincipleArn', ['x'], /aws:PrincipleArn does not exist/],
    ['StringEquals', 'sts:SessionName', ['x'], /sts:SessionName does not exist in the service sts/],
    ['StringEquals', `${idp}:subject`, ['x'], /does not exist in the service idp.example.com\/tenant/],
    ['StringEquals', 'aws:RequestTag', ['x'], /must include a tag key/],
    ['StringEquals', 'aws:PrincipalTag/', ['x'], /must include a tag key/],
  ];
  for (const [operator, key, values, fault] of faults) {
    it(`refuses ${operator} ${key} ${JSON.stringify(values)}`, () => {
      assert.match(String(evaluate([operator, key, values, false])), fault);
    });
  }

  it('takes keys of other services, whose policies a role may carry', () => {
    assert.ok('condition' in readCondition('StringEquals', 'ecr:ResourceTag/team', ['shop'], '2012-10-17'));
    assert.ok(
      'condition' in readCondition('StringEquals', 'aws:RequestTag/cost:center', ['7'], '2012-10-17'),
    );
  });
});
