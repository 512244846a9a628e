import assert from 'node:assert/strict';
import { assertHarmless, assertReported, errorCode, logOf, stepNamed } from '../rig/findings.ts';
import { inParallel } from '../rig/in-parallel.ts';
import { packagedTasks } from '../rig/packaged-tasks.ts';
import { type Attempt, runTrial, type Trial } from '../rig/trial.ts';
import { type Count, type FaultRow, operations, shown } from './fault-row.ts';
import { rows } from './rows/index.ts';
import { withUselessProxy } from './silent-proxy.ts';

/** Rows that mostly wait, for a service that does not answer or for the next attempt, all wait at once. */
const waiting = rows.filter(({ deadline }) => deadline > 15).sort((a, b) => b.deadline - a.deadline);
const working = rows.filter((row) => !waiting.includes(row));
const workingAtOnce = 3;

/** Seconds that no fault may take, however long it lasts. */
const longest = 60;

async function run({ inputs, world, agentProxy, ...row }: FaultRow): Promise<Trial> {
  const pipeline = JSON.stringify({
    steps: [{ task: row.task, inputs: { awsConnection: 'aws-production', ...inputs } }],
  });
  const attempt: Attempt = {
    pipeline,
    ...row,
    ...(world && { world: typeof world === 'function' ? world() : world }),
  };
  if (!agentProxy) return runTrial(attempt);
  return withUselessProxy(agentProxy, (url) =>
    runTrial({ ...attempt, variables: { ...attempt.variables, 'Agent.ProxyUrl': url } }),
  );
}

/** The step that met the fault. */
const stepOf = (trial: Trial, { phase }: FaultRow) =>
  phase === 'renewal' ? stepNamed(trial, 'Renew') : trial.task;

/** The code that the user sees: in the log's error, or in the line that the credential process says. */
function codeOf(trial: Trial, row: FaultRow): string {
  const step = stepOf(trial, row);
  const said = /^stderr: AwsFederate: ([A-Z_]+): /m.exec(logOf(step))?.[1];
  return errorCode(step) ?? said ?? (step.result === 'Succeeded' ? 'SUCCEEDED' : step.result);
}

function assertRequests({ requests }: Trial, expected: FaultRow['requests']): void {
  const isOperation = (name: string) => (operations as readonly string[]).includes(name);
  const names = requests.map(({ operation, method }) => operation ?? method).filter(isOperation);
  const found = Object.fromEntries(
    operations.map((operation) => [operation, names.filter((name) => name === operation).length]),
  );
  const fits = (count: number, wanted: Count = 0) =>
    typeof wanted === 'number' ? count === wanted : count >= Number.parseInt(wanted, 10);
  assert(
    operations.every((operation) => fits(found[operation] ?? 0, expected[operation])),
    `asked ${JSON.stringify(found)}, expected ${JSON.stringify(expected)}`,
  );
}

function assertInTime(trial: Trial, row: FaultRow): void {
  const { startedAt, durationMilliseconds } = stepOf(trial, row);
  const end = Date.parse(startedAt) + durationMilliseconds;
  const seconds = (end - (trial.cancelledAt?.getTime() ?? Date.parse(startedAt))) / 1000;
  assert(seconds <= row.deadline, `took ${seconds} s`);
}

/** What a step that failed must not have handed on. */
function assertNothingHandedOn({ job, task }: Trial): void {
  assert.deepEqual(job.outputs, {});
  assert.deepEqual(
    task.commands.filter(({ event }) => event === 'setvariable'),
    [],
  );
}

describe('Faults', () => {
  let trials: ReadonlyMap<FaultRow, Promise<Trial>>;

  before(async () => {
    await packagedTasks();
    trials = new Map([
      ...inParallel(waiting, waiting.length, run),
      ...inParallel(working, workingAtOnce, run),
    ]);
  });

  for (const row of [...working, ...waiting]) {
    const { task, phase, class: fault, code, deadline } = row;
    it(`${task}, ${phase}: ${fault} → ${code} within ${deadline} s`, async () => {
      const trial = (await trials.get(row)) as Trial;
      const log = logOf(stepOf(trial, row));
      assert.equal(codeOf(trial, row), code, log);
      assertRequests(trial, row.requests);
      assertInTime(trial, row);
      assert.deepEqual(trial.leftBehind, row.leftBehind ?? []);
      assertHarmless(trial);
      if (!row.unreported) assertReported(trial);
      if (trial.task.result === 'Failed') assertNothingHandedOn(trial);
      row.expect?.(trial);
    });
  }

  it('are distinct, and none may take a minute', () => {
    const names = rows.map((row) => `${row.task}, ${row.phase}: ${row.class}`);
    assert.equal(new Set(names).size, names.length);
    assert(rows.every(({ deadline }) => deadline < longest));
  });

  it('are asked more than once where they pass by', () => {
    const passing = rows.filter(({ code, phase }) => code === 'SUCCEEDED' && phase !== 'renewal').map(shown);
    assert(passing.length >= 10);
  });
});
