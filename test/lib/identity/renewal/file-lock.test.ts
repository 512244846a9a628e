import assert from 'node:assert/strict';
import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs, {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildSync } from 'esbuild';
import { LockTimeoutError, withFileLock } from '../../../../lib/identity/renewal/file-lock.ts';
import { tempFolderOfEachTest } from '../hand-off/temp-folder.ts';

describe('a file lock', () => {
  const temp = tempFolderOfEachTest();
  const lock = () => join(temp(), 'lock');
  const options = { staleAfter: 60, patience: 5 };
  const held = () => readFileSync(lock(), 'utf8');
  let programs: string;
  /** The id of a process that is no more. */
  let deadPid: number;

  before(() => {
    programs = mkdtempSync(join(tmpdir(), 'contender-'));
    buildSync({
      entryPoints: [join(import.meta.dirname, 'contender.ts')],
      outfile: join(programs, 'contender.mjs'),
      bundle: true,
      platform: 'node',
      format: 'esm',
    });
    deadPid = spawnSync(process.execPath, ['-e', '']).pid;
  });
  after(() => rmSync(programs, { recursive: true }));

  function contend(...words: (string | number)[]): ChildProcess {
    return fork(join(programs, 'contender.mjs'), [temp(), ...words.map(String)], { execArgv: [] });
  }

  /** Lets the contenders begin. */
  const begin = () => writeFileSync(join(temp(), 'go'), '');

  it('gives back what the work gives, and is free again', async () => {
    const value = await withFileLock(lock(), options, async () => {
      assert.match(held(), new RegExp(`^${process.pid} `));
      return 42;
    });
    assert.equal(value, 42);
    assert.deepEqual(readdirSync(temp()), []);
  });

  it('is free again after work that failed', async () => {
    const failure = new Error('no');
    await assert.rejects(
      withFileLock(lock(), options, () => Promise.reject(failure)),
      failure,
    );
    assert.deepEqual(readdirSync(temp()), []);
  });

  for (const manner of ['release', 'leave'] as const) {
    const what = manner === 'release' ? 'let it go' : 'die with it';
    it(`is held by one of several processes at a time, which ${what}`, async function () {
      this.timeout(20_000);
      const [processes, rounds] = [4, 8];
      const children = Array.from({ length: processes }, () => contend(rounds, manner, deadPid));
      await Promise.all(children.map((child) => once(child, 'message')));
      begin();
      const codes = await Promise.all(children.map((child) => once(child, 'exit').then(([code]) => code)));
      assert.deepEqual(codes, Array(processes).fill(0), 'two held it at once');
      assert.equal(
        readFileSync(join(temp(), 'rounds'), 'utf8').trim().split('\n').length,
        processes * rounds,
      );
      assert.deepEqual(
        readdirSync(temp()).filter((name) => name.startsWith('lock.')),
        [],
      );
    });
  }

  it('of a process that was killed is broken', async () => {
    const child = contend(1, 'hang');
    begin();
    while (!existsSync(join(temp(), 'inside'))) await sleep(5);
    child.kill('SIGKILL');
    await once(child, 'exit');
    assert(held().startsWith(`${child.pid} `));
    const started = Date.now();
    await withFileLock(lock(), options, async () => assert.match(held(), new RegExp(`^${process.pid} `)));
    assert(Date.now() - started < 1000);
  });

  const age = (seconds: number) => {
    const then = Date.now() / 1000 - seconds;
    utimesSync(lock(), then, then);
  };

  it('of a process that lives is not broken, however long it waits', async () => {
    writeFileSync(lock(), `${process.pid} other`);
    age(50);
    await assert.rejects(
      withFileLock(lock(), { ...options, patience: 0.1 }, () => assert.fail('it was broken')),
      (error) => error instanceof LockTimeoutError && error.message.includes(lock()),
    );
    assert.equal(held(), `${process.pid} other`);
  });

  it('that is too old is broken, whoever holds it', async () => {
    writeFileSync(lock(), `${process.pid} other`);
    age(61);
    await withFileLock(lock(), options, async () => assert.notEqual(held(), `${process.pid} other`));
  });

  for (const [what, content] of [
    ['whose holder has not written its name yet', ''],
    ['with a name that is none', 'what is this'],
    ['with the number of no process', '-1 x'],
  ] as const) {
    it(`${what} is broken by its age only`, async () => {
      writeFileSync(lock(), content);
      await assert.rejects(
        withFileLock(lock(), { ...options, patience: 0.05 }, async () => {}),
        LockTimeoutError,
      );
      age(61);
      await withFileLock(lock(), options, async () => {});
    });
  }

  it('that was broken meanwhile is left to whoever has it now', async () => {
    await withFileLock(lock(), options, async () => writeFileSync(lock(), 'somebody else'));
    assert.equal(held(), 'somebody else');
  });

  it('that another process breaks and takes at the same moment stays its own', async () => {
    writeFileSync(lock(), `${deadPid} left behind`);
    const { renameSync } = fs;
    let others = true;
    // Between finding the lock stale and moving it aside, another process does both, and takes the lock.
    fs.renameSync = (from, to) => {
      fs.renameSync = renameSync;
      syncBuiltinESMExports();
      writeFileSync(lock(), `${process.pid} other`);
      setTimeout(() => {
        others = false;
        rmSync(lock());
      }, 100);
      return renameSync(from, to);
    };
    syncBuiltinESMExports();
    await withFileLock(lock(), options, async () => assert(!others, 'both held it'));
    assert.deepEqual(readdirSync(temp()), []);
  });

  it('that another process has broken already is simply taken', async () => {
    writeFileSync(lock(), `${deadPid} left behind`);
    const { renameSync } = fs;
    fs.renameSync = (from, to) => {
      fs.renameSync = renameSync;
      syncBuiltinESMExports();
      rmSync(lock());
      return renameSync(from, to);
    };
    syncBuiltinESMExports();
    await withFileLock(lock(), options, async () => {});
    assert.deepEqual(readdirSync(temp()), []);
  });

  it('cannot be had where there is no folder for it', async () => {
    const gone = join(temp(), 'gone', 'lock');
    await assert.rejects(
      withFileLock(gone, options, async () => {}),
      { code: 'ENOENT' },
    );
    mkdirSync(join(temp(), 'gone'));
    await withFileLock(gone, options, async () => {});
  });
});
