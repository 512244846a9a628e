/** `npm run test:faults [-- --list [--json]]`: runs the fault tests, or says which there are. */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { shown } from './fault-row.ts';
import { rows } from './rows/index.ts';

const root = dirname(dirname(import.meta.dirname));

try {
  const { values } = parseArgs({
    options: { list: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
  });
  if (!values.list) runTests();
  else if (values.json) console.log(JSON.stringify(rows.map(shown), null, 2));
  else console.table(rows.map(shown));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

function runTests(): void {
  const mocha = createRequire(import.meta.url).resolve('mocha/bin/mocha.js');
  const child = spawn(process.execPath, [mocha, 'test/faults/**/*.test.ts'], { cwd: root, stdio: 'inherit' });
  child.once('exit', (code) => {
    process.exitCode = code ?? 1;
  });
}
