import assert from 'node:assert/strict';
import { join } from 'node:path';
import { FileFault } from '../../../sandbox/checked-yaml.ts';
import { productionId } from '../contoso.ts';
import { localRuns, outputOf, taskFolder } from './local-runs.ts';

describe('a pipeline that cannot be run', () => {
  const { suite, run } = localRuns();
  const settings = (inputs: string) => `- task: Settings@1\n  inputs:\n    out: /dev/null\n${inputs}`;

  /** Every fault; nothing may have been run. */
  async function faultsOf(text: string, options: Parameters<typeof run>[1] = {}): Promise<readonly string[]> {
    const printed: string[] = [];
    try {
      await run(text, { ...options, print: (line) => printed.push(line.text) });
    } catch (error) {
      assert.ok(error instanceof FileFault, String(error));
      assert.deepEqual(printed, []);
      return error.faults;
    }
    return [];
  }

  it('because of a task that is not there, with those that are', async () => {
    const [fault = ''] = await faultsOf('- bash: "true"\n- task: Nope@3\n');
    assert.match(
      fault,
      /^test\.yml:3:3: A task is missing\. The pipeline references a task called 'Nope'\. \(Task version 3, job 'Job', step 'Nope'\.\)/,
    );
    assert.match(fault, /by --tasks; at hand are Library@1, Old@1, /);
  });

  it('because of a task for newer agents', async () => {
    assert.match(
      (await faultsOf('- task: Run@2\n'))[0] ?? '',
      /Run@2 needs agent 99\.0\.0; the local agent is /,
    );
  });

  it('because of inputs, each at its step', async () => {
    assert.deepEqual(await faultsOf(`${settings('    mode: odd\n')}- task: Library@1\n`), [
      "test.yml:2:3: Job Job: Step Settings: input 'mode' is 'odd'; write one of simple, full",
      "test.yml:6:3: Job Job: Step Library: input 'connection' is required",
    ]);
  });

  it('unless inputs are left for the task to find, when they are warnings', async () => {
    const { step } = await run(settings('    mode: odd\n'), { inputChecks: 'warning' });
    assert.deepEqual(
      step('Settings').issues.map(({ message }) => message),
      ["input 'mode' is 'odd'; write one of simple, full"],
    );
    assert.equal(step('Settings').inputs.mode, 'odd');
  });

  it('because of connections, each at its input', async () => {
    const faults = await faultsOf(settings('    connection: nope\n    keys: aws-production\n'));
    assert.match(
      faults[0] ?? '',
      /^test\.yml:5:17: Job Job: Step Settings input connection references service connection nope which could not be found/,
    );
    assert.match(
      faults[1] ?? '',
      /^test\.yml:6:11: Job Job: Step Settings input keys expects a service connection of type AWS but/,
    );
  });

  it('unless a variable that is known before the run names the connection', async () => {
    const { step } = await run(
      `variables: { target: aws-production }\nsteps:\n${settings('    connection: $(target)\n')}`,
    );
    assert.equal(step('Settings').inputs.connection, productionId);
    const fault = await faultsOf(settings('    connection: $(target)\n'));
    assert.match(fault[0] ?? '', /references service connection \$\(target\) which could not be found/);
  });

  it('because of a file that is not there, a folder of tasks, or a Node.js', async () => {
    await assert.rejects(
      run('', { file: '/none.yml', text: undefined as never }),
      /none\.yml cannot be read/,
    );
    assert.match(
      (await faultsOf('- bash: "true"\n', { taskFolders: ['/none'] }))[0] ?? '',
      /tasks cannot be loaded/,
    );
    assert.match(
      (await faultsOf('- bash: "true"\n', { node: '/none' }))[0] ?? '',
      /\/none cannot be run as Node\.js/,
    );
  });

  it('because of pwsh, where the machine has none', async () => {
    const path = process.env.PATH;
    process.env.PATH = join(suite.folder, 'empty');
    try {
      assert.deepEqual(await faultsOf('- pwsh: echo 1\n'), [
        'test.yml:2:3: pwsh is not on this machine; install it, or write bash',
      ]);
    } finally {
      process.env.PATH = path;
    }
  });

  it('is not one whose tasks have old handlers: the newest that Node.js runs is taken', async () => {
    const { step } = await run('- task: Old@1\n', { taskFolders: [join(taskFolder, 'Old')] });
    assert.equal(step('Old').handler, 'Node16');
    assert.ok(step('Old').log.includes('sixteen'));
    assert.deepEqual(outputOf(step('Old')).length > 0, true);
  });
});
