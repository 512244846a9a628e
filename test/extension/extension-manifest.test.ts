import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { parseRoleArn } from '../../lib/aws/index.ts';
import { findTaskFolders } from '../../scripts/task-folders.ts';
import { root } from './repository.ts';

const descriptor = z.strictObject({
  id: z.string(),
  name: z.string().min(1),
  description: z.string().min(1),
  inputMode: z.enum(['textbox', 'textarea', 'combo', 'checkbox']),
  isConfidential: z.literal(false),
  validation: z.strictObject({
    dataType: z.literal('string'),
    isRequired: z.boolean(),
    maxLength: z.int(),
    pattern: z.string(),
    patternMismatchErrorMessage: z.string().min(1),
  }),
});

const endpointType = z.strictObject({
  name: z.string(),
  displayName: z.string(),
  helpMarkDown: z.string().min(1),
  url: z.strictObject({ displayName: z.string(), value: z.url(), isVisible: z.enum(['true', 'false']) }),
  authenticationSchemes: z.array(z.strictObject({ type: z.string() })),
  inputDescriptors: z.array(descriptor),
});

const extensionManifest = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string().max(200),
  targets: z.array(z.object({ id: z.string() })),
  categories: z.array(z.string()),
  icons: z.record(z.string(), z.string()),
  content: z.object({ details: z.object({ path: z.string() }), license: z.object({ path: z.string() }) }),
  links: z.record(z.string(), z.object({ uri: z.url() })),
  repository: z.object({ type: z.literal('git'), uri: z.url() }),
  scopes: z.array(z.string()),
  contributions: z.array(
    z.object({ id: z.string(), type: z.string(), targets: z.array(z.string()), properties: z.unknown() }),
  ),
});

const manifest = extensionManifest.parse(
  JSON.parse(await readFile(join(root, 'vss-extension.json'), 'utf8')),
);

describe('vss-extension.json', () => {
  it('is the extension the documents speak of', () => {
    assert.equal(manifest.id, 'keyless-delivery');
    assert.equal(manifest.name, 'Keyless Delivery to AWS');
    assert.deepEqual(manifest.targets, [{ id: 'Microsoft.VisualStudio.Services' }]);
    assert.deepEqual(manifest.categories, ['Azure Pipelines']);
  });

  it('has every file it names', async () => {
    const { icons, content } = manifest;
    for (const path of [...Object.values(icons), content.details.path, content.license.path]) {
      assert((await stat(join(root, path))).isFile(), path);
    }
  });

  it('asks for no more than what the pages read and write', () => {
    assert.deepEqual(manifest.scopes, ['vso.build', 'vso.release', 'vso.serviceendpoint_manage']);
  });

  it('contributes every task', async () => {
    const tasks = await findTaskFolders(join(root, 'tasks'));
    const contributed = manifest.contributions
      .filter(({ type }) => type === 'ms.vss-distributed-task.task')
      .map(({ targets, properties }) => {
        assert.deepEqual(targets, ['ms.vss-distributed-task.tasks']);
        return z.object({ name: z.string() }).parse(properties).name;
      });
    const folders = new Set(tasks.map((task) => `tasks/${task.manifest.name}`));
    assert.deepEqual(contributed.sort(), [...folders].sort());
  });
});

describe('service connection type AwsOidc', () => {
  const contributions = manifest.contributions.filter(
    ({ type }) => type === 'ms.vss-endpoint.service-endpoint-type',
  );
  const type = endpointType.parse(contributions[0]?.properties);
  const fields = new Map(type.inputDescriptors.map((field) => [field.id, field]));

  it('is the only one, and the tasks ask for it by its name', async () => {
    assert.equal(contributions.length, 1);
    assert.deepEqual(contributions[0]?.targets, ['ms.vss-endpoint.endpoint-types']);
    assert.equal(type.displayName, 'AWS (OpenID Connect)');
    for (const { manifest } of await findTaskFolders(join(root, 'tasks'))) {
      const connection = manifest.inputs.find(({ name }) => name === 'awsConnection');
      assert.equal(connection?.type, `connectedService:${type.name}`);
    }
  });

  it('holds no secret: no scheme that takes one, no confidential field, nothing but the fields documented', () => {
    assert.deepEqual(type.authenticationSchemes, [{ type: 'ms.vss-endpoint.endpoint-auth-scheme-none' }]);
    assert.deepEqual([...fields.keys()].sort(), [
      'allowedAccounts',
      'chainRoleArns',
      'externalId',
      'region',
      'roleArn',
      'sessionDuration',
      'sessionName',
    ]);
    const confidential = { ...type.inputDescriptors[0], isConfidential: true };
    assert.equal(descriptor.safeParse(confidential).success, false);
  });

  it('asks for nothing but the role, and hides the URL', () => {
    const required = type.inputDescriptors.filter(({ validation }) => validation.isRequired);
    assert.deepEqual(
      required.map(({ id }) => id),
      ['roleArn'],
    );
    assert.deepEqual(type.url, { displayName: 'AWS', value: 'https://aws.amazon.com/', isVisible: 'false' });
  });

  const role = 'arn:aws:iam::111122223333:role/deployer';
  const accepted: Record<string, string[]> = {
    roleArn: [
      role,
      `  ${role}\n`,
      'arn:aws-cn:iam::111122223333:role/team/a/deployer',
      'arn:aws-us-gov:iam::111122223333:role/d',
      'arn:aws-iso-b:iam::111122223333:role/d',
      'arn:aws-eusc:iam::111122223333:role/Up_er+=,.@-1',
    ],
    region: ['', ' eu-west-1 ', 'us-gov-west-1', 'us-isob-east-1', 'eusc-de-east-1', 'ap-southeast-7'],
    sessionName: ['', 'ci', 'a'.repeat(64), 'build_1+=,.@-'],
    sessionDuration: ['', '900', '999', '1000', '9999', '39999', '42999', '43199', '43200', ' 3600 '],
    chainRoleArns: ['', role, `${role}\n${role}`, `${role} \r\n  ${role}\n`, ` \n${role}\n\n${role}\n`],
    externalId: ['', 'ab', 'Contoso:prod/1_+=,.@-', 'x'.repeat(1224)],
    allowedAccounts: ['', '111122223333', ' 111122223333, 444455556666 ', '111122223333,444455556666,'],
  };
  const refused: Record<string, string[]> = {
    roleArn: [
      '',
      'deployer',
      'arn:aws:iam::111122223333:user/deployer',
      'arn:aws:sts::111122223333:assumed-role/deployer/x',
      'arn:aws:iam::1111:role/deployer',
      'arn:awsx:iam::111122223333:role/deployer',
      'arn:aws:iam::111122223333:role/',
      'arn:aws:iam::111122223333:role/two words',
    ],
    region: ['Ireland', 'eu-west', 'EU-WEST-1', 'eu-west-1a', 'eu-west-1, eu-west-2'],
    sessionName: ['a', 'a'.repeat(65), 'two words', 'über'],
    sessionDuration: ['0', '899', '43201', '44000', '50000', '100000', '1h', '-900', '900.5'],
    chainRoleArns: [`${role} ${role}`, 'deployer', `${role}\ndeployer`],
    externalId: ['a', 'x'.repeat(1225), 'a b', 'a;b'],
    allowedAccounts: ['1111', '111122223333 444455556666', '1111222233334', ',111122223333'],
  };
  for (const [id, { validation }] of fields) {
    const pattern = new RegExp(validation.pattern);
    const takes = (text: string) => pattern.test(text) && text.length <= validation.maxLength;

    it(`${id} takes what AWS takes, and says no to the rest before the connection is saved`, () => {
      for (const text of accepted[id] ?? []) assert(takes(text), `${id} refuses ${JSON.stringify(text)}`);
      for (const text of refused[id] ?? []) assert(!takes(text), `${id} takes ${JSON.stringify(text)}`);
      assert(accepted[id]?.length && refused[id]?.length, `no example of ${id}`);
    });

    it(`${id} is checked in time that grows with the text, not with its square`, () => {
      for (const text of [`${role}\n`, `${role},`, ' ', '111122223333,', '111122223333 ', 'a-a']) {
        const started = performance.now();
        pattern.test(`${text.repeat(validation.maxLength / text.length)}\u0000`);
        assert(performance.now() - started < 200, `${id}: ${JSON.stringify(text)}`);
      }
    });
  }

  it('takes no role ARN that the tasks would refuse', () => {
    for (const arn of accepted.roleArn ?? []) assert(parseRoleArn(arn), arn);
  });
});
