/** AwsFederate's ID token, judged by an STS that nobody of this project wrote. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { awsCli, ministack } from '../../scripts/peers/peers.ts';
import { describeOnNodes } from './describe-on-nodes.ts';
import { programOf } from './describe-with.ts';
import { account, logOf, role, runFederatedJob, startConformanceSandbox } from './federated-job.ts';
import { type Ministack, startMinistack } from './ministack.ts';

const issuer = 'vstoken.dev.azure.com/8a6e0c57-3b1d-4f29-a7c4-5d2e9f6b8a01';
const audience = 'api://AzureADTokenExchange';
const subject = 'sc://contoso/shop/aws-production';

function trustIn(trusted: string): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Federated: `arn:aws:iam::${account}:oidc-provider/${issuer}` },
        Action: 'sts:AssumeRoleWithWebIdentity',
        Condition: { StringEquals: { [`${issuer}:aud`]: audience, [`${issuer}:sub`]: trusted } },
      },
    ],
  });
}

describeOnNodes([ministack, awsCli], 'AwsFederate on ministack', ({ handler, program }) => {
  let cloud: Ministack | undefined;
  let sandbox: Sandbox | undefined;

  beforeEach(async () => {
    cloud = await startMinistack(account);
    const { url } = cloud;
    await cloud.aws(
      ...['iam', 'create-open-id-connect-provider', '--url', `https://${issuer}`],
      ...['--client-id-list', audience],
    );
    sandbox = await startConformanceSandbox((world) => {
      // Whatever says yes, it is not the sandbox's own STS.
      world.accounts = {};
      world.routes = { 'sts.eu-west-1.amazonaws.com': url, 'iam.amazonaws.com': url };
    });
  });

  afterEach(async () => {
    await sandbox?.close();
    await cloud?.close();
  });

  async function createRole(trusted: string): Promise<void> {
    const policy = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 'iam:ListRoles', Resource: '*' }],
    };
    await cloud?.aws(
      ...['iam', 'create-role', '--role-name', role, '--assume-role-policy-document', trustIn(trusted)],
    );
    await cloud?.aws(
      ...['iam', 'put-role-policy', '--role-name', role, '--policy-name', 'list'],
      ...['--policy-document', JSON.stringify(policy)],
    );
  }

  function run(script: string) {
    assert(sandbox);
    return runFederatedJob({
      sandbox,
      node: program(),
      environment: { AWS_CLI: programOf(awsCli) },
      script,
    });
  }

  it('becomes the role that trusts the connection, with credentials that the AWS CLI signs with', async () => {
    await createRole(subject);
    const { record, federation, script } = await run(`
      set -e
      "$AWS_CLI" sts get-caller-identity --query Arn --output text
      "$AWS_CLI" iam list-roles --query 'Roles[].RoleName' --output text
      ! "$AWS_CLI" iam list-users
    `);
    assert.equal(record.result, 'Succeeded', logOf(federation) + logOf(script));
    assert.equal(federation.handler, handler);
    const session = new RegExp(`^arn:aws:sts::${account}:assumed-role/${role}/`);
    assert.match(record.outputs[`${federation.name}.assumedRoleArn`] ?? logOf(federation), session);
    assert.ok(
      script.log.some((line) => session.test(line)),
      logOf(script),
    );
    assert.ok(script.log.includes(role), logOf(script));
    assert.match(logOf(script), /AccessDenied.* is not authorized to perform: iam:ListUsers/);
  });

  it('is refused by a role that trusts another subject, until the command it prints is run', async () => {
    await createRole('sc://contoso/shop/somebody-else');
    const refused = await run('echo never reached');
    assert.equal(refused.record.result, 'Failed');
    assert.equal(refused.federation.handler, handler);
    assert.equal(refused.script.result, 'Skipped');
    assert.match(logOf(refused.federation), /ACCESS_DENIED/);
    assert.ok(logOf(refused.federation).includes(subject));
    assert.ok(!logOf(refused.federation).includes('somebody-else'));

    await paste(refused.federation.log);
    const accepted = await run('echo reached');
    assert.equal(accepted.record.result, 'Succeeded', logOf(accepted.federation));
  });

  /** Runs the command of the log that sets the trust policy, as a person would who pastes it into a terminal. */
  async function paste(log: readonly string[]): Promise<void> {
    const first = log.findIndex((line) => line.includes('aws iam update-assume-role-policy'));
    const after = log.findIndex((line) => line.startsWith('Help:'));
    assert.ok(first >= 0 && after > first, `a command to paste:\n${log.join('\n')}`);
    const folder = await mkdtemp(join(tmpdir(), 'pasted-'));
    const root = cloud?.rootEnvironment;
    try {
      await promisify(execFile)('bash', ['-ec', log.slice(first, after).join('\n')], {
        cwd: folder,
        env: { ...root, PATH: `${dirname(programOf(awsCli))}${delimiter}${root?.PATH}` },
      });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
});
