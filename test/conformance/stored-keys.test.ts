/** What AwsFederate hands on, beside keys that lie about on the agent's machine. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { recipes } from '../../scripts/peers/peer.ts';
import { awsCli, botocore, goSdk } from '../../scripts/peers/peers.ts';
import { describeOnNodes } from './describe-on-nodes.ts';
import { programOf } from './describe-with.ts';
import {
  account,
  type FinishedJob,
  logOf,
  role,
  runFederatedJob,
  startConformanceSandbox,
} from './federated-job.ts';

const storedArn = `arn:aws:iam::${account}:user/build-admin`;
const sessionArn = new RegExp(`^arn:aws:sts::${account}:assumed-role/${role}/`);

/** Commands that print the ARN that a program is. */
const programs = {
  'The AWS CLI': '"$AWS_CLI" sts get-caller-identity --query Arn --output text',
  'The SDK for Python': '"$PYTHON" "$CALLER_IDENTITY"',
  'The SDK for Go': '"$GO_PROGRAM"',
};

/** What a step may change of what AwsFederate has set, as commands before those of the programs. */
const surroundings = {
  'as handed on': 'true',
  'without the credentials file': 'unset AWS_SHARED_CREDENTIALS_FILE',
  'without anything': 'unset AWS_SHARED_CREDENTIALS_FILE AWS_CONFIG_FILE AWS_PROFILE',
};

for (const profileName of ['keyless-delivery', 'default']) {
  describeOnNodes([awsCli, botocore, goSdk], `Profile ${profileName} beside stored keys`, ({ program }) => {
    let home: string;
    let sandbox: Sandbox;
    let job: FinishedJob;

    before(async () => {
      sandbox = await startConformanceSandbox();
      home = await mkdtemp(join(tmpdir(), 'home-with-keys-'));
      await storeKeys();
      job = await runFederatedJob({
        sandbox,
        node: program(),
        profileName,
        home,
        environment: {
          AWS_CLI: programOf(awsCli),
          PYTHON: programOf(botocore),
          CALLER_IDENTITY: join(recipes, 'botocore/caller_identity.py'),
          GO_PROGRAM: programOf(goSdk),
        },
        script: Object.entries(surroundings)
          .flatMap(([where, prepare]) =>
            Object.entries(programs).map(
              ([name, command]) => `(${prepare}; echo "${name} ${where}: $(${command})")`,
            ),
          )
          .join('\n'),
      });
    });

    after(async () => {
      await sandbox?.close();
      if (home) await rm(home, { recursive: true, force: true });
    });

    async function storeKeys(): Promise<void> {
      const key = sandbox.world.accounts[account]?.users['build-admin'];
      const section = (name: string) =>
        `[${name}]\naws_access_key_id = ${key?.accessKeyId}\naws_secret_access_key = ${key?.secretAccessKey}\n`;
      await mkdir(join(home, '.aws'));
      await writeFile(join(home, '.aws/credentials'), section('default') + section('keyless-delivery'));
    }

    const identityOf = (name: string, where: string) => {
      const label = `${name} ${where}: `;
      return job.script.log.find((line) => line.startsWith(label))?.slice(label.length) ?? logOf(job.script);
    };

    for (const name of Object.keys(programs)) {
      it(`${name} is the role, and would be who the key is if it found that`, () => {
        assert.match(identityOf(name, 'as handed on'), sessionArn);
        assert.equal(identityOf(name, 'without the credentials file'), storedArn);
        assert.equal(identityOf(name, 'without anything'), storedArn);
      });
    }
  });
}
