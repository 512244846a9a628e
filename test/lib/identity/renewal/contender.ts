import { appendFileSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { withFileLock } from '../../../../lib/identity/renewal/file-lock.ts';

// One of several processes that want the same lock: `contender.mjs FOLDER ROUNDS release|leave|hang [DEAD-PID]`.
// Inside the lock it makes a file that must not be there yet. With `leave` it goes away like a process that died: the
// lock stays, with the name of a process that is no more. With `hang` it holds the lock until it is killed.
// All begin when there is a file called `go`.
const [, , folder = '', rounds = '0', manner, deadPid] = process.argv;
const lock = join(folder, 'lock');
const inside = join(folder, 'inside');

process.send?.('ready');
while (!existsSync(join(folder, 'go'))) await sleep(1);
for (let round = 0; round < Number(rounds); round++) {
  await withFileLock(lock, { staleAfter: 60, patience: 60 }, async () => {
    writeFileSync(inside, `${process.pid}`, { flag: 'wx' });
    await sleep(manner === 'hang' ? 60_000 : 1);
    appendFileSync(join(folder, 'rounds'), `${process.pid}\n`);
    rmSync(inside);
    if (manner === 'leave') writeFileSync(lock, `${deadPid} left behind`);
  });
}
