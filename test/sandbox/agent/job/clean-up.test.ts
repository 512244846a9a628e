import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { localRuns, outputOf } from '../local-runs.ts';

/** Whether a process runs; one that has ended may still wait for its parent to notice. */
async function isRunning(id: number): Promise<boolean> {
  const status = await readFile(`/proc/${id}/status`, 'utf8').catch(() => 'State: gone');
  return !/^State:\s+(gone|Z|X)/m.test(status);
}

describe('the end of a job', () => {
  const { suite, run } = localRuns();
  const withoutScripts = <Entry extends { readonly path: string }>(entries: readonly Entry[]) =>
    entries.filter(({ path }) => !path.endsWith('.sh'));

  it('lists what is left in the temp folder, secrets in it masked and counted, and empties it', async () => {
    const { job } = await run(
      `- bash: |
    cd "$AGENT_TEMPDIRECTORY"
    mkdir -m 700 folder
    printf 'a %s b' "$(s)" > folder/file; chmod 600 folder/file
    ln -s /etc link
    head -c 70000 /dev/zero > large
`,
      { variables: { s: { value: 'deep-secret', secret: true } } },
    );
    assert.deepEqual(withoutScripts(job.tempAtEnd), [
      {
        path: 'folder',
        size: job.tempAtEnd.find(({ path }) => path === 'folder')?.size,
        mode: 0o700,
        kind: 'folder',
        maskedCount: 0,
      },
      { path: 'folder/file', size: 15, mode: 0o600, kind: 'file', content: 'a *** b', maskedCount: 1 },
      { path: 'large', size: 70_000, mode: 0o644, kind: 'file', maskedCount: 0 },
      { path: 'link', size: 4, mode: 0o777, kind: 'link', maskedCount: 0 },
    ]);
    assert.ok(!(await readdir(join(suite.folder, '_work'))).includes('_temp'));
  });

  it('copes with what a step has locked', async () => {
    const { job, result } = await run(
      '- bash: cd "$AGENT_TEMPDIRECTORY" && mkdir locked && touch locked/x && chmod 0 locked/x locked\n',
    );
    assert.equal(result, 'Succeeded');
    assert.ok(job.tempAtEnd.some(({ path, mode }) => path === 'locked' && mode === 0));
  });

  it('leaves the temp folder where it is to be kept', async () => {
    await run('- bash: touch "$AGENT_TEMPDIRECTORY/kept"\n', { keepTemp: true });
    assert.ok((await readdir(join(suite.folder, '_work', '_temp'))).includes('kept'));
  });

  it('uploads attachments as they are then, before the temp folder is emptied', async () => {
    const { job } = await run(
      `- bash: |
    echo early > "$AGENT_TEMPDIRECTORY/report.json"
    echo "# Summary $(s)" > "$AGENT_TEMPDIRECTORY/summary.md"
    echo "##vso[task.addattachment type=my.report;name=first]$AGENT_TEMPDIRECTORY/report.json"
    echo "##vso[task.uploadsummary]$AGENT_TEMPDIRECTORY/summary.md"
    echo "##vso[task.uploadfile]$AGENT_TEMPDIRECTORY/report.json"
    echo "##vso[build.uploadlog]$AGENT_TEMPDIRECTORY/report.json"
  name: reporter
- bash: echo late > "$AGENT_TEMPDIRECTORY/report.json"
`,
      { variables: { s: { value: 'deep-secret', secret: true } } },
    );
    const report = { step: 'reporter', content: 'late\n', maskedCount: 0 };
    assert.deepEqual(job.attachments, [
      { type: 'my.report', name: 'first', ...report },
      {
        type: 'DistributedTask.Core.Summary',
        name: 'summary.md',
        step: 'reporter',
        content: '# Summary ***\n',
        maskedCount: 1,
      },
      { type: 'DistributedTask.Core.FileAttachment', name: 'report.json', ...report },
      { type: 'DistributedTask.Core.Log', name: 'CustomToolLog', ...report },
    ]);
  });

  it('warns of an attachment that is gone by then', async () => {
    const { job, result } = await run(
      '- bash: |\n    touch "$AGENT_TEMPDIRECTORY/x"\n    echo "##vso[task.addattachment type=t;name=n]$AGENT_TEMPDIRECTORY/x"\n- bash: rm "$AGENT_TEMPDIRECTORY/x"\n',
    );
    const file = join(suite.folder, '_work', '_temp', 'x');
    assert.deepEqual(job.issues, [
      { type: 'warning', message: `Can't attach (type:t name:n) file: ${file}. File does not exist.` },
    ]);
    assert.deepEqual([job.attachments, result], [[], 'Succeeded']);
  });

  it('ends processes that steps left behind, and no others', async () => {
    const { job, printed } = await run(
      '- bash: |\n    sleep 300 >/dev/null 2>&1 &\n    (unset VSTS_PROCESS_LOOKUP_ID; exec sleep 1) >/dev/null 2>&1 &\n',
    );
    assert.equal(job.orphans.length, 1);
    assert.ok(printed.includes(`Terminate orphan process: ${job.orphans[0]}`));
    const id = Number(/\((\d+)\)/.exec(job.orphans[0] ?? '')?.[1]);
    for (let tries = 0; tries < 50 && (await isRunning(id)); tries++) await delay(20);
    assert.equal(await isRunning(id), false);
  });

  it('waits five seconds at most for output that a step’s children hold open', async () => {
    const { step } = await run('- bash: sleep 300 & echo $!\n');
    const { durationMilliseconds, result } = step('Bash');
    assert.equal(result, 'Succeeded');
    assert.ok(durationMilliseconds > 4900 && durationMilliseconds < 30_000, `${durationMilliseconds} ms`);
  });

  describe('of the run', () => {
    it('removes the work folder that was made for it', async () => {
      const { step } = await run('- bash: pwd; echo "$HOME"\n', { workFolder: undefined as never });
      const [, home = ''] = outputOf(step('Bash'));
      assert.match(home, /_home$/);
      await assert.rejects(readdir(home), { code: 'ENOENT' });
    });

    it('never takes a folder for its own that holds something else', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'mine-'));
      try {
        await mkdir(join(folder, '1'));
        await writeFile(join(folder, '1', 'precious'), '');
        await assert.rejects(
          run('- bash: "true"\n', { workFolder: folder }),
          /is no work folder of an agent/,
        );
        assert.deepEqual(await readdir(join(folder, '1')), ['precious']);
      } finally {
        await rm(folder, { recursive: true });
      }
    });
  });
});
