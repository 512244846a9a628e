import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { effectiveAudience } from '../../lib/identity/index.ts';
import { trustPolicyFor } from '../../lib/identity/trust-policy.ts';
import { evaluateTemplate } from './cloudformation.ts';
import { documents, root } from './documents.ts';
import { assertFederates, claimsOf, deployer, type Trust } from './trust.ts';

const examples = join(root, 'examples/trust');
const policyArn = 'arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPowerUser';

describe('shell commands in the documents', () => {
  const blocks = documents.flatMap((document) => document.blocks).filter(({ language }) => language === 'sh');

  it('are there', () => assert.ok(blocks.length > 10));

  for (const { place, text } of blocks) {
    it(`${place} is understood by bash`, () => {
      execFileSync('bash', ['-n'], { input: text, stdio: ['pipe', 'ignore', 'pipe'] });
    });
  }
});

describe('examples/trust/cli.sh and undo.sh', () => {
  let account: ScriptedAccount;
  beforeEach(async () => {
    account = await openAccount();
  });
  afterEach(() => account.close());

  for (const { place, text } of commandBlocks('cli.sh ')) {
    it(`set up as ${place} has it, lets the task become the role`, async () => {
      await account.run(text);
      const trust = await account.trust();
      const issuers =
        Object.keys(trust.providers).length > 1 ? (['vstoken', 'entra'] as const) : (['vstoken'] as const);
      const statements = await Promise.all(
        issuers.map(async (issuer) => statementFor(await claimsOf(issuer))),
      );
      assert.deepEqual((trust.trustPolicy as Policy).Statement, statements);
      for (const issuer of issuers) await assertFederates(trust, issuer);
    });
  }

  it('take a trust for both issuers in one of the documents', () => {
    assert.ok(commandBlocks('cli.sh ').some(({ text }) => text.includes('login.microsoftonline.com')));
  });

  for (const { place, text } of commandBlocks('undo.sh ')) {
    it(`undone as ${place} has it, leave nothing of what they made`, async () => {
      const [setUp] = commandBlocks('./cli.sh ');
      await account.run(setUp?.text ?? '');
      await account.run(text);
      assert.deepEqual(await account.state(), { roles: {}, providers: {} });
      assert.deepEqual(await account.files(), ['cli.sh', 'undo.sh']);
    });
  }

  it('run twice, change nothing more', async () => {
    const [setUp] = commandBlocks('./cli.sh ');
    await account.run(setUp?.text ?? '');
    const [state, files] = [await account.state(), await account.files()];
    await account.run(setUp?.text ?? '');
    assert.deepEqual([await account.state(), await account.files()], [state, files]);
  });

  it('give a role that was there before its own trust back, and keep a provider that others need', async () => {
    const { issuer, subject, audience } = await claimsOf('vstoken');
    const provider = `arn:aws:iam::111122223333:oidc-provider/${issuer.replace('https://', '')}`;
    const policy = { Version: '2012-10-17', Statement: [] };
    const before = {
      roles: { deployer: policy, other: { ...policy, Statement: [{ Principal: { Federated: provider } }] } },
      providers: { [provider]: ['somebody-else'] },
    };
    await account.become(before);
    await account.run(`./cli.sh deployer ${issuer} ${subject} ${audience}`);
    assert.deepEqual((await account.state()).providers[provider], ['somebody-else', audience]);
    await assertFederates(await account.trust(), 'vstoken');
    await account.run(`./undo.sh deployer ${issuer}`);
    const after = await account.state();
    assert.deepEqual(after.roles, before.roles);
    assert.deepEqual(Object.keys(after.providers), [provider]);
  });

  it('refuse what would break the policy text', async () => {
    for (const subject of ['sc://contoso/shop/"', `sc://contoso/shop/$\{aws:username}`, 'a\\']) {
      await assert.rejects(account.run(`./cli.sh deployer https://issuer.example '${subject}' audience`));
    }
    assert.deepEqual(await account.state(), { roles: {}, providers: {} });
  });

  it('undo nothing where nothing says what was there before', async () => {
    const state = { roles: { deployer: { Version: '2012-10-17', Statement: [] } }, providers: {} };
    await account.become(state);
    await assert.rejects(account.run('./undo.sh deployer https://issuer.example'));
    assert.deepEqual(await account.state(), state);
  });
});

describe('examples/trust/cloudformation.yml', () => {
  for (const { place, text } of commandBlocks('cloudformation deploy')) {
    it(`deployed as ${place} has it, lets the task become the role`, async () => {
      const { Provider, Role } = evaluateTemplate(await template(), parametersIn(text));
      const { issuer } = await claimsOf('vstoken');
      assert.ok(Role);
      assert.equal(Role.Properties.RoleName, 'deployer');
      assert.deepEqual(Role.Properties.ManagedPolicyArns, [policyArn]);
      const trustPolicy = JSON.parse(String(Role.Properties.AssumeRolePolicyDocument));
      assert.deepEqual(trustPolicy.Statement, [statementFor(await claimsOf('vstoken'))]);
      const clientIds = Provider?.Properties.ClientIdList as string[];
      assert.equal(Provider?.Properties.Url, issuer);
      await assertFederates({ providers: { [issuer]: clientIds }, trustPolicy }, 'vstoken');
    });
  }

  it('makes no provider where there is one, and names it all the same', async () => {
    const resources = evaluateTemplate(await template(), { ...(await parameters()), CreateProvider: 'no' });
    assert.deepEqual(Object.keys(resources), ['Role']);
    const policy = JSON.parse(String(resources.Role?.Properties.AssumeRolePolicyDocument));
    assert.deepEqual(policy.Statement, [statementFor(await claimsOf('vstoken'))]);
    assert.ok(!('ManagedPolicyArns' in (resources.Role?.Properties ?? {})));
  });

  it('trusts both issuers during the change', async () => {
    const next = await claimsOf('entra');
    const { Role } = evaluateTemplate(await template(), {
      ...(await parameters()),
      NextIssuer: next.issuer,
      NextSubject: next.subject,
      NextAudience: effectiveAudience(next),
    });
    const policy = JSON.parse(String(Role?.Properties.AssumeRolePolicyDocument));
    assert.deepEqual(policy.Statement, [statementFor(await claimsOf('vstoken')), statementFor(next)]);
  });

  it('takes no wildcard and nothing that would break the policy text', async () => {
    for (const Subject of ['sc://contoso/*', 'sc://contoso/"', `sc://contoso/$\{x}`]) {
      const given = { ...(await parameters()), Subject };
      await assert.rejects(async () => evaluateTemplate(await template(), given));
    }
  });

  const template = () => readFile(join(examples, 'cloudformation.yml'), 'utf8');

  async function parameters(): Promise<Record<string, string>> {
    const claims = await claimsOf('vstoken');
    return {
      RoleName: 'deployer',
      Issuer: claims.issuer,
      Subject: claims.subject,
      Audience: effectiveAudience(claims),
    };
  }

  function parametersIn(command: string): Record<string, string> {
    const words = command.replaceAll('\\\n', ' ').split(/\s+/);
    const pairs = words.slice(words.indexOf('--parameter-overrides') + 1).map((word) => word.split('=', 2));
    return Object.fromEntries(pairs);
  }
});

/**
 * There is no Terraform where this runs, so this reads no more than the trust policy: it takes the object that
 * `assume_role_policy` encodes, puts values in the place of its expressions, and compares. That Terraform takes the
 * file as a whole is not shown here.
 */
describe('examples/trust/main.tf', () => {
  it('writes the trust policy that the product writes', async () => {
    const claims = await claimsOf('vstoken');
    const source = await readFile(join(examples, 'main.tf'), 'utf8');
    const [, expression = ''] = /assume_role_policy = jsonencode\((\{.*?\n {2}\})\)/s.exec(source) ?? [];
    const values: Readonly<Record<string, string>> = {
      'local.account': 'arn:aws:iam::111122223333',
      'trimprefix(each.issuer, "https://")': claims.issuer.replace('https://', ''),
      'each.audience': effectiveAudience(claims),
      'each.subject': claims.subject,
    };
    let text = expression.replace('[for each in var.trusted : {', '[{');
    for (const [name, value] of Object.entries(values)) {
      text = text.replaceAll(`\${${name}}`, value).replaceAll(`= ${name}\n`, `= "${value}"\n`);
    }
    const json = text
      .replace(/("[^"]*"|\w+)\s*= /g, (_, key: string) => `${JSON.stringify(key.replaceAll('"', ''))}: `)
      .replace(/(?<=["}\]])\n(?=\s*")/g, ',\n');
    assert.deepEqual(JSON.parse(json).Statement, [statementFor(claims)]);
  });

  it('has every argument that the documents give it', async () => {
    const source = await readFile(join(examples, 'main.tf'), 'utf8');
    const [block] = documents.flatMap(({ blocks }) => blocks).filter(({ language }) => language === 'hcl');
    const names = [...(block?.text ?? '').matchAll(/^ {2}(\w+)\s*=/gm)].map(([, name]) => name);
    assert.deepEqual(
      names.filter((name) => name !== 'source' && !source.includes(`variable "${name}"`)),
      [],
    );
    assert.ok(names.length > 2);
  });
});

interface Policy {
  readonly Statement: readonly unknown[];
}

function statementFor(claims: Parameters<typeof trustPolicyFor>[1]): unknown {
  return JSON.parse(trustPolicyFor(deployer, claims)).Statement[0];
}

/** The shell blocks of the documents that run a command. */
function commandBlocks(command: string) {
  return documents
    .flatMap(({ blocks }) => blocks)
    .filter(({ language, text }) => language === 'sh' && text.includes(command));
}

/** An IAM account that exists only for the scripts; see iam/aws.mjs. */
interface ScriptedAccount {
  run(commands: string): Promise<void>;
  become(state: IamState): Promise<void>;
  state(): Promise<IamState>;
  /** What the role deployer trusts. */
  trust(): Promise<Trust>;
  /** What lies in the scripts' folder. */
  files(): Promise<string[]>;
  close(): Promise<void>;
}

interface IamState {
  readonly roles: Readonly<Record<string, unknown>>;
  /** Client IDs by ARN. */
  readonly providers: Readonly<Record<string, readonly string[]>>;
}

async function openAccount(): Promise<ScriptedAccount> {
  const home = await mkdtemp(join(tmpdir(), 'examples-trust-'));
  const [folder, stateFile] = [join(home, 'scripts'), join(home, 'state.json')];
  await cp(examples, folder, { recursive: true, filter: (file) => !/\.(yml|tf)$/.test(file) });
  const state = async (): Promise<IamState> => JSON.parse(await readFile(stateFile, 'utf8'));
  const become = (next: IamState) => writeFile(stateFile, JSON.stringify(next));
  await become({ roles: {}, providers: {} });
  return {
    become,
    state,
    files: async () => (await readdir(folder)).sort(),
    close: () => rm(home, { recursive: true }),
    async run(commands) {
      // The scripts are here already.
      const offline = commands.replace(/^curl .*\n/gm, '');
      const path = [join(import.meta.dirname, 'iam'), process.env.PATH].join(delimiter);
      await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', offline], {
        cwd: folder,
        env: { PATH: path, IAM_STATE: stateFile },
      });
    },
    async trust() {
      const { roles, providers } = await state();
      const byUrl = Object.entries(providers).map(
        ([arn, clientIds]) => [arn.replace(/.*:oidc-provider\//, 'https://'), clientIds] as const,
      );
      return { providers: Object.fromEntries(byUrl), trustPolicy: roles.deployer };
    },
  };
}
