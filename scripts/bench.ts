import { parseArgs } from 'node:util';
import type { Bench } from './bench/bench.ts';
import type { BenchRow } from './bench/row.ts';

// npm run bench [NAME] [-- --json]: ratios against a peer, measured in one run, medians. A goal missed is shown as missed.
const benches: Readonly<Record<string, () => Promise<Bench>>> = {
  federate: async () => (await import('./bench/federate.ts')).federate,
};

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false } },
});
for (const name of positionals.length > 0 ? positionals : Object.keys(benches)) {
  const load = benches[name];
  if (!load) throw new Error(`there is no bench ${name}; there are: ${Object.keys(benches).join(', ')}`);
  const bench = await load();
  const { rows, beside } = await bench();
  if (values.json) {
    console.log(JSON.stringify({ bench: name, rows }));
  } else {
    console.log(
      `\n${name}\n${aligned([['Work', 'Ours', 'Peer', 'Theirs', 'Ratio', 'Goal', ''], ...rows.map(cells)])}`,
    );
    if (beside) console.log(`\n${beside.title}\n${aligned(beside.rows)}`);
  }
}

function cells({ work, unit, ours, peer, theirs, ratio, goal, reason }: BenchRow): string[] {
  const verdict = ratio === null || goal === null ? '' : ratio <= goal ? 'met' : 'missed';
  return [
    work,
    `${ours} ${unit}`,
    peer,
    theirs === null ? `none: ${reason}` : `${theirs} ${unit}`,
    ratio === null ? '' : `${ratio} ×`,
    goal === null ? '' : `≤ ${goal} ×`,
    verdict,
  ];
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<number[]>(
    (all, row) => row.map((cell, i) => Math.max(all[i] ?? 0, cell.length)),
    [],
  );
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
