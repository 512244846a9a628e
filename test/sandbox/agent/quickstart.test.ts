import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type RunRecord, runPipeline } from '../../../sandbox/agent/index.ts';
import { startSandbox } from '../../../sandbox/sandbox.ts';
import { parseWorld } from '../../../sandbox/world.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const folder = join(root, 'examples', 'quickstart');

/** Runs the quick start in its world, or in one that is changed a little. */
async function quickstart(change: (yaml: string) => string = (yaml) => yaml) {
  const yaml = await readFile(join(folder, 'world.yml'), 'utf8');
  const changed = change(yaml);
  const sandbox = await startSandbox(parseWorld(changed, 'world.yml'));
  const printed: string[] = [];
  try {
    const record: RunRecord = await runPipeline({
      file: join(folder, 'azure-pipelines.yml'),
      host: 'build',
      taskFolders: [join(root, 'dist', 'tasks')],
      sandbox,
      print: ({ text }) => printed.push(text),
    });
    return { record, printed, changed: changed !== yaml };
  } finally {
    await sandbox.close();
  }
}

describe('the quick start', () => {
  it('gets credentials, says who it is through the SDK’s default chain, and cleans up', async () => {
    const { record, printed } = await quickstart();
    assert.equal(record.result, 'Succeeded', printed.join('\n'));
    assert.deepEqual(
      record.jobs[0]?.steps.map(({ displayName }) => displayName),
      ['Get AWS credentials', 'Who am I?', 'Post-job: Get AWS credentials'],
    );
    assert.ok(
      printed.some((line) =>
        /^I am arn:aws:sts::111122223333:assumed-role\/deployer\/\S+ in account 111122223333\.$/.test(line),
      ),
      printed.join('\n'),
    );
  });

  it('follows when the role is renamed in the world', async () => {
    const { record, printed, changed } = await quickstart((yaml) => yaml.replaceAll('deployer', 'publisher'));
    assert.ok(changed);
    assert.equal(record.result, 'Succeeded', printed.join('\n'));
    assert.ok(
      printed.some((line) => line.startsWith('I am arn:aws:sts::111122223333:assumed-role/publisher/')),
    );
  });

  it('fails when the audience is broken there', async () => {
    const { record, changed } = await quickstart((yaml) =>
      yaml.replace(/clientIds: .*/, "clientIds: ['sts.amazonaws.com']"),
    );
    assert.ok(changed);
    assert.deepEqual(
      record.jobs[0]?.steps.map(({ displayName, result }) => `${displayName} ${result}`),
      ['Get AWS credentials Failed', 'Who am I? Skipped', 'Post-job: Get AWS credentials Succeeded'],
    );
    assert.match(record.jobs[0]?.steps[0]?.issues[0]?.message ?? '', /audience/i);
  });
});
