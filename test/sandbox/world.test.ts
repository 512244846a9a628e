import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileFault } from '../../sandbox/checked-yaml.ts';
import { loadWorld, parseWorld } from '../../sandbox/world.ts';
import { contoso, contosoYaml, entraId, productionId } from './contoso.ts';

/** The faults of the sample world with one text replaced, or another appended. */
function faultsOf(change: { replace: string; by: string } | { append: string }): readonly string[] {
  const yaml =
    'append' in change ? contosoYaml + change.append : contosoYaml.replace(change.replace, change.by);
  assert.notEqual(yaml, contosoYaml, 'the change must change something');
  try {
    parseWorld(yaml, 'world.yml');
  } catch (error) {
    assert.ok(error instanceof FileFault);
    assert.equal(error.message, error.faults.join('\n'));
    return error.faults;
  }
  return [];
}

const lineOf = (words: string) => contosoYaml.slice(0, contosoYaml.indexOf(words)).split('\n').length;

describe('sandbox/world', () => {
  it('reads a world and fills in what is left out', () => {
    const world = contoso();
    assert.deepEqual(world.machine, {
      proxyVariables: true,
      clockOffset: 0,
      applications: { 'api://AzureADTokenExchange': 'fb60f99c-7a34-4190-8149-302f77469936' },
    });
    assert.deepEqual(world.routes, {});
    assert.deepEqual(world.faults, []);
    const production = world.connections['aws-production'];
    assert.equal(production?.url, 'https://aws.amazon.com/');
    assert.equal(production?.scheme, 'none');
    assert.equal(production?.data.sessionDuration, '3600', 'data are texts, as the agent gives them');
    const deployer = world.accounts['111122223333']?.roles.deployer;
    assert.equal(deployer?.path, '/');
    assert.equal(deployer?.maxSessionDuration, 7200);
    assert.ok(Array.isArray(deployer?.trustPolicy.Statement), 'a single statement becomes a list');
  });

  it('gives workload-identity connections the Entra issuer, unless the world says otherwise', () => {
    assert.equal(contoso().connections['aws-entra']?.issuer, 'entra');
    assert.equal(contoso().connections['aws-production']?.issuer, 'vstoken');
    const told = contosoYaml.replace('    type: AwsOidc\n', '    type: AwsOidc\n    issuer: entra\n');
    assert.equal(parseWorld(told, 'w').connections['aws-production']?.issuer, 'entra');
  });

  it('reads GUIDs in any case and keeps them in lower case', () => {
    const world = parseWorld(contosoYaml.replace(productionId, productionId.toUpperCase()), 'w');
    assert.equal(world.connections['aws-production']?.id, productionId);
  });

  it('reads an account id without quotes', () => {
    const world = parseWorld(contosoYaml.replace("'111122223333':", '111122223333:'), 'w');
    assert.deepEqual(Object.keys(world.accounts), ['111122223333']);
  });

  it('reads a file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'world-'));
    try {
      const file = join(folder, 'world.yml');
      await writeFile(file, contosoYaml);
      assert.deepEqual(await loadWorld(file), contoso());
      await writeFile(file, 'organization: 5\n');
      await assert.rejects(loadWorld(file), (error: Error) => error.message.startsWith(`${file}:1:1: `));
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  const wrong: readonly { name: string; replace: string; by: string; at?: string; says: RegExp }[] = [
    {
      name: 'an unknown section',
      replace: 'project:',
      by: 'projects:',
      says: /projects: not known here; write one of organization, project,/,
    },
    {
      name: 'an unknown key',
      replace: 'clockOffset',
      by: 'clockSkew',
      says: /machine\.clockSkew: not known here; write one of .*clockOffset/,
    },
    {
      name: 'a connection id that is no GUID',
      replace: productionId,
      by: 'production',
      at: `id: ${productionId}`,
      says: /connections\.aws-production\.id: write a GUID/,
    },
    {
      name: 'a connection id used twice',
      replace: entraId,
      by: productionId,
      at: `id: ${entraId}`,
      says: /connections\.aws-entra\.id: write another: .* aws-production\.id already/,
    },
    {
      name: 'a missing type',
      replace: '    type: AwsOidc\n',
      by: '',
      at: 'aws-production',
      says: /aws-production\.type: write a name/,
    },
    {
      name: 'an issuer of neither kind',
      replace: '    type: AwsOidc\n',
      by: '    type: AwsOidc\n    issuer: github\n',
      says: /issuer: write vstoken or entra/,
    },
    {
      name: 'an account id of 11 digits',
      replace: "'111122223333':",
      by: "'11112222333':",
      at: "'111122223333':",
      says: /write 12 digits, in quotes/,
    },
    {
      name: 'an account id that YAML reads as a number without its zeros',
      replace: "'111122223333':",
      by: '000022223333:',
      at: "'111122223333':",
      says: /write 12 digits, in quotes/,
    },
    {
      name: 'a role name IAM refuses',
      replace: 'deployer:',
      by: 'de ployer:',
      says: /roles\.de ployer: write 1 to 64 of letters/,
    },
    {
      name: 'a role path without its last slash',
      replace: 'maxSessionDuration: 7200',
      by: 'path: /build',
      says: /deployer\.path: write \/ or a path/,
    },
    {
      name: 'a session shorter than an hour',
      replace: '7200',
      by: '3599',
      at: 'maxSessionDuration',
      says: /maxSessionDuration: write 3600 seconds or more/,
    },
    {
      name: 'a session longer than twelve hours',
      replace: '7200',
      by: '43201',
      at: 'maxSessionDuration',
      says: /maxSessionDuration: write 43200 seconds or less/,
    },
    {
      name: 'a provider over http',
      replace: '- url: https:',
      by: '- url: http:',
      at: 'url: https://vstoken',
      says: /oidcProviders\.0\.url: write a URL that begins with https/,
    },
    {
      name: 'a provider with a port',
      replace: '- url: https://vstoken.dev.azure.com',
      by: '- url: https://vstoken.dev.azure.com:8443',
      at: 'url: https://vstoken',
      says: /without port/,
    },
    {
      name: 'a region that is none',
      replace: '[ap-east-1]',
      by: '[asia]',
      at: 'disabledRegions',
      says: /disabledRegions\.0: write a region/,
    },
    {
      name: 'an effect in lower case',
      replace: 'Effect: Allow',
      by: 'Effect: allow',
      says: /trustPolicy\.Statement\.0\.Effect: /,
    },
    {
      name: 'a resource in a trust policy',
      replace: 'Action: sts:AssumeRoleWithWebIdentity',
      by: 'Action: sts:AssumeRoleWithWebIdentity\n            Resource: "*"',
      says: /trustPolicy\.Statement\.0/,
    },
    {
      name: 'a principal in an identity policy',
      replace: "Resource: '*' }",
      by: "Resource: '*', Principal: '*' }",
      says: /policies\.pull\.Statement\.0/,
    },
    {
      name: 'an access key id of a session',
      replace: 'AKIAIOSFODNN7EXAMPLE',
      by: 'ASIAIOSFODNN7EXAMPLE',
      says: /accessKeyId: write AKIA/,
    },
    {
      name: 'a user without a secret',
      replace: '        secretAccessKey: wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n',
      by: '',
      at: 'build-admin',
      says: /secretAccessKey: write a secret access key/,
    },
    {
      name: 'a proxy user without a password',
      replace: '  clockOffset: 0',
      by: '  proxyUser: agent',
      at: 'machine:',
      says: /machine: write proxyUser and proxyPassword, or neither/,
    },
    {
      name: 'a route to a file',
      replace: 'accounts:',
      by: "routes: { sts.amazonaws.com: 'file:///x' }\naccounts:",
      says: /routes\.sts\.amazonaws\.com: write a URL, such as/,
    },
    {
      name: 'a fault without effect',
      replace: 'accounts:',
      by: "faults: [{ host: '*' }]\naccounts:",
      says: /faults\.0: write one of answer, reset/,
    },
  ];
  for (const { name, replace, by, at, says } of wrong) {
    it(`says where and what to write: ${name}`, () => {
      const faults = faultsOf({ replace, by });
      const fault = faults.find((line) => says.test(line));
      assert.ok(fault, `none of\n${faults.join('\n')}\nsays ${says}`);
      // Where the change adds lines, the fault stands in what was added; else at the line that was changed.
      const first = lineOf(at ?? replace.trim());
      const line = Number(/^world\.yml:(\d+):\d+: /.exec(fault)?.[1]);
      assert.ok(line >= first && line <= first + by.split('\n').length, `${fault} is not at line ${first}`);
    });
  }

  it('says all faults at once', () => {
    const yaml = contosoYaml
      .replace(productionId, 'x')
      .replace('7200', '1')
      .replace('Effect: Allow', 'Effect: Maybe');
    assert.throws(
      () => parseWorld(yaml, 'w.yml'),
      (error: FileFault) => error.faults.length === 3,
    );
  });

  it('says where the YAML itself is broken', () => {
    const [fault] = faultsOf({ append: 'routes: [\n' });
    assert.match(fault ?? '', /^world\.yml:\d+:\d+: /);
    const line = Number(fault?.split(':')[1]);
    assert.ok(line >= contosoYaml.split('\n').length, `${fault}`);
  });

  it('refuses a key that stands twice', () => {
    assert.match(faultsOf({ append: 'project: { name: shop }\n' })[0] ?? '', /unique/);
  });

  it('refuses names that IAM does not tell apart, and one access key for two users', () => {
    const twice = contosoYaml.replace(
      '    users:\n',
      '      Deployer: { trustPolicy: { Statement: { Effect: Deny, Principal: "*", Action: "sts:AssumeRole" } } }\n    users:\n',
    );
    assert.throws(
      () => parseWorld(twice, 'w'),
      /roles\.Deployer: write another: deployer stands at deployer already/,
    );
    const key = `${contosoYaml}      other: { accessKeyId: AKIAIOSFODNN7EXAMPLE, secretAccessKey: wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY }\n`;
    assert.throws(() => parseWorld(key, 'w'), /users\.other\.accessKeyId: write another/);
  });
});
