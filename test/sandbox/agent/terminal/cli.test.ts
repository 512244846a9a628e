import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { RunRecord } from '../../../../sandbox/agent/index.ts';
import { contosoYaml, productionId } from '../../contoso.ts';
import { ask } from '../../proxied-client.ts';

const root = join(import.meta.dirname, '..', '..', '..', '..');

function start(...words: string[]): ChildProcess {
  return spawn(process.execPath, ['--import', 'tsx', join(root, 'sandbox', 'cli.ts'), ...words], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Runs the command line to its end. */
async function cli(...words: string[]): Promise<{ code: number | null; out: string; errors: string }> {
  const child = start(...words);
  let [out, errors] = ['', ''];
  child.stdout?.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    errors += chunk;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out, errors };
}

describe('the command line', () => {
  let folder: string;
  const file = (name: string) => join(folder, name);
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cli-'));
    await writeFile(file('world.yml'), contosoYaml);
    await writeFile(file('good.yml'), 'steps:\n- bash: echo "[$A] $HOME $(s)"\n  displayName: Say\n');
    await writeFile(file('bad.yml'), 'steps:\n- bash: echo $(s); exit 1\n');
    await writeFile(file('wrong.yml'), 'steps:\n- foo: 1\n');
    await writeFile(
      file('slow.yml'),
      'steps:\n- bash: echo up; exec sleep 60\n- bash: echo cleaned\n  condition: always()\n',
    );
  });
  after(() => rm(folder, { recursive: true }));

  it('runs a pipeline in the world beside it, prints the raw log and a table, and exits with 0', async () => {
    const { code, out } = await cli(
      'run',
      file('good.yml'),
      '--variable',
      'A=x=y',
      '--secret',
      's=hush-hush',
    );
    assert.equal(code, 0, out);
    assert.match(out, /^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{7}Z ##\[section\]Starting: Job$/m);
    assert.match(out, /Z \[x=y\] .*_home \*\*\*$/m);
    assert.match(out, /^Step +Result +Time$/m);
    assert.match(out, /^ {2}Say +Succeeded +\d+\.\d s$/m);
    assert.match(out, /^Succeeded in \d+\.\d s: .*good\.yml$/m);
  });

  it('prints the records instead, where they are asked for, and exits with 1 where the run failed', async () => {
    const { code, out } = await cli(
      'run',
      file('bad.yml'),
      '--json',
      '--host',
      'release',
      '--secret',
      's=hush-hush',
    );
    const record = JSON.parse(out) as RunRecord;
    assert.deepEqual([code, record.result, record.host], [1, 'Failed', 'release']);
    assert.equal(record.jobs[0]?.steps[0]?.displayName, 'Bash');
    assert.ok(record.jobs[0]?.log.some((line) => line.includes('***')) && !out.includes('hush-hush'));
  });

  it('cancels the run where it is interrupted, and exits with 1', async () => {
    const child = start('run', file('slow.yml'));
    let out = '';
    for await (const line of createInterface({ input: child.stdout ?? process.stdin })) {
      out += `${line}\n`;
      if (/Z up$/.test(line)) child.kill('SIGINT');
    }
    assert.match(out, /Z cleaned$/m);
    assert.match(out, /^Canceled in /m);
    assert.equal(child.exitCode ?? (await once(child, 'exit'))[0], 1);
  });

  it('says in a line what is wrong with the command line or a file, and exits with 2', async () => {
    const [usage, file1, file2] = await Promise.all([
      cli('walk'),
      cli('run', file('wrong.yml')),
      cli('run', file('good.yml'), '--world', '/none.yml'),
    ]);
    assert.equal(
      usage.errors,
      "there is no command 'walk'; write run or serve; npm run agent -- --help says more\n",
    );
    assert.match(file1.errors, /^\S+wrong\.yml:2:3: a step has no key 'foo'; .*\n$/);
    assert.match(file2.errors, /^\/none\.yml is not there; .*\n$/);
    assert.deepEqual([usage.code, file1.code, file2.code], [2, 2, 2]);
  });

  it('explains itself', async () => {
    const { code, out } = await cli('--help');
    assert.equal(code, 0);
    assert.match(out, /npm run agent -- run PIPELINE\.yml/);
  });

  it('serves the sandbox, says in one line how to reach it, and ends when interrupted', async () => {
    const child = start('serve', '--world', file('world.yml'), '--json');
    const [line] = (await once(createInterface({ input: child.stdout ?? process.stdin }), 'line')) as [
      string,
    ];
    const plug = JSON.parse(line) as Record<'proxy' | 'ca' | 'oidcRequestUri' | 'jobToken', string>;
    assert.deepEqual(Object.keys(plug), [
      ...['proxy', 'ca', 'collectionUri', 'jobToken', 'oidcRequestUri', 'connections', 'world'],
    ]);
    const { text } = await ask(
      { proxyUrl: plug.proxy, caFile: plug.ca },
      `${plug.oidcRequestUri}?api-version=7.1&serviceConnectionId=${productionId}`,
      {
        headers: { 'content-type': 'application/json', authorization: `Bearer ${plug.jobToken}` },
        body: '{}',
      },
    );
    assert.match((JSON.parse(text) as { oidcToken: string }).oidcToken, /^ey/);
    child.kill('SIGINT');
    assert.equal((await once(child, 'exit'))[0], 0);
  });
});
