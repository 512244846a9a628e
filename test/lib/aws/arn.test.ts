import assert from 'node:assert/strict';
import { parseRoleArn } from '../../../lib/aws/index.ts';

describe("a role's ARN", () => {
  const partitions = [
    'aws',
    'aws-cn',
    'aws-us-gov',
    'aws-iso',
    'aws-iso-b',
    'aws-iso-e',
    'aws-iso-f',
    'aws-eusc',
  ];
  for (const partition of partitions) {
    it(`is read in the partition ${partition}`, () => {
      const arn = `arn:${partition}:iam::111122223333:role/deployer`;
      assert.deepEqual(parseRoleArn(arn), {
        arn,
        partition,
        accountId: '111122223333',
        roleName: 'deployer',
      });
    });
  }

  const names: Record<string, string> = {
    'role/deployer': 'deployer',
    'role/teams/shop/deployer': 'deployer',
    'role/a=b+c,d.e@f-g_h': 'a=b+c,d.e@f-g_h',
    "role/o'brien:~!/x": 'x',
    [`role/${'n'.repeat(64)}`]: 'n'.repeat(64),
    'role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS': 'AWSServiceRoleForECS',
  };
  for (const [resource, roleName] of Object.entries(names)) {
    it(`names ${roleName.slice(0, 30)} in ${resource.slice(0, 40)}`, () => {
      assert.equal(parseRoleArn(`arn:aws:iam::111122223333:${resource}`)?.roleName, roleName);
    });
  }

  it('may have white space around it, as copied text has', () => {
    assert.equal(
      parseRoleArn(' \tarn:aws:iam::111122223333:role/deployer\r\n')?.arn,
      'arn:aws:iam::111122223333:role/deployer',
    );
  });

  const wrong = [
    '',
    'deployer',
    'arn:aws:iam::111122223333:role/',
    'arn:aws:iam::111122223333:role//deployer/',
    'arn:aws:iam::111122223333:user/deployer',
    'arn:aws:iam::11112222333:role/deployer',
    'arn:aws:iam::1111222233334:role/deployer',
    'arn:aws:iam:eu-west-1:111122223333:role/deployer',
    'arn:aws:sts::111122223333:assumed-role/deployer/session',
    'arn:azure:iam::111122223333:role/deployer',
    'arn:AWS:iam::111122223333:role/deployer',
    'arn:aws:iam::111122223333:role/de ployer',
    'arn:aws:iam::111122223333:role/déployer',
    'arn:aws:iam::111122223333:role/path with space/deployer',
    `arn:aws:iam::111122223333:role/${'n'.repeat(65)}`,
    'arn:aws:iam::111122223333:role/a arn:aws:iam::111122223333:role/b',
    'arn:aws:iam::111122223333:role/deployer\narn:aws:iam::111122223333:role/other',
  ];
  for (const text of wrong) {
    it(`is not ${JSON.stringify(text.slice(0, 70))}`, () => assert.equal(parseRoleArn(text), undefined));
  }

  it('is read in no time however long the text is', () => {
    const started = performance.now();
    parseRoleArn(`arn:aws:iam::111122223333:role${'/a'.repeat(50_000)} `);
    parseRoleArn(`arn:aws:iam::111122223333:role/${'a'.repeat(100_000)}`);
    assert(performance.now() - started < 500);
  });
});
