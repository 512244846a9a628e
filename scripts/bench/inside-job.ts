import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInTurn } from './whole-process.ts';

// Stands in the place of a task, so that what it measures runs in the very environment that the agent gives a step.
const { programs, runs, peakMemoryHook, resultFile } = JSON.parse(
  readFileSync(join(__dirname, 'plan.json'), 'utf8'),
);
const figures = runInTurn(programs, runs, peakMemoryHook);
writeFileSync(resultFile, JSON.stringify({ figures, reports: runReports() }));

function runReports(): unknown[] {
  const folder = process.env.AGENT_TEMPDIRECTORY ?? '';
  return readdirSync(folder)
    .filter((name) => /^keyless-delivery-report-.*\.json$/.test(name))
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')));
}
