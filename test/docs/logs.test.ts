import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { runInNewContext } from 'node:vm';
import type { StepRecord } from '../../sandbox/agent/index.ts';
import { inParallel } from '../rig/in-parallel.ts';
import { documents, root } from './documents.ts';
import { documentsWorld, runExample } from './example-run.ts';
import { writeBlock } from './rewrite.ts';
import { plainPipeline, type Scenario, scenarios } from './scenarios.ts';
import { between, steady } from './steady.ts';

/**
 * Every log in the documents is that of a real run, made anew here and compared. After a change of a text,
 * WRITE_DOCS=1 writes the new logs into the documents instead.
 */
describe('logs in the documents', () => {
  const shown = documents.flatMap(({ file, blocks }) =>
    blocks.flatMap(({ place, text, mark }) =>
      mark?.kind === 'log' ? [{ file, place, text, name: mark.name }] : [],
    ),
  );
  const logs = new Map<string, Promise<string>>();

  before(() => {
    const names = Object.keys(scenarios).filter((name) => shown.some((block) => block.name === name));
    const real = inParallel(names, 3, (name) => realLog(scenarios[name] as Scenario));
    for (const [name, log] of real) logs.set(name, log);
    logs.set('connection_invalid', logOfTaskAlone());
    logs.set('node_too_old', logOfDoor('16.20.2'));
  });

  for (const { file, place, text, name } of shown) {
    it(`${place}: ${name}`, async () => {
      const log = await logs.get(name);
      assert.ok(log, `there is a scenario ${name}`);
      if (process.env.WRITE_DOCS) writeBlock(file, 'log', name, log);
      else assert.equal(text, log);
    });
  }
});

async function realLog(scenario: Scenario): Promise<string> {
  const world = await documentsWorld();
  scenario.world?.(world);
  const { record } = await runExample({ text: scenario.pipeline ?? plainPipeline }, world, scenario.during);
  const steps = record.jobs.flatMap((job) => job.steps).filter(({ stage }) => stage === 'main');
  const federate = steps.find(({ task }) => task.name === 'AwsFederate');
  assert.ok(federate);
  const lines = excerptOf(scenario.excerpt, federate, steps.at(-1) as StepRecord);
  return steady(lines, new Date(record.startedAt)).join('\n');
}

const task = join(root, 'dist/tasks/AwsFederate/AwsFederateV1/main.js');

/** Azure DevOps and the local agent refuse a YAML pipeline that comes to this; a task of another agent may see it. */
async function logOfTaskAlone(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'documents-'));
  const env = {
    AGENT_TEMPDIRECTORY: folder,
    INPUT_AWSCONNECTION: '$(connection)',
    INPUT_REGION: 'eu-west-1',
    INPUT_ROLEARN: 'arn:aws:iam::111122223333:role/deployer',
  };
  const { stdout } = await promisify(execFile)(process.execPath, [task], { env });
  await rm(folder, { recursive: true });
  return between(asShown(stdout), /^##\[error\]/, /^Help: /).join('\n');
}

/** What the task's door says under an old Node.js. */
async function logOfDoor(version: string): Promise<string> {
  const lines: string[] = [];
  runInNewContext(await readFile(task, 'utf8'), {
    process: { versions: { node: version } },
    console: { log: (line: string) => lines.push(line) },
    require: () => assert.fail('the door let an old Node.js in'),
  });
  return asShown(lines.join('\n'))[0] ?? '';
}

/** An error command as the agent shows it. */
function asShown(output: string): string[] {
  return output
    .split('\n')
    .map((line) => line.replace(/^##vso\[task\.logissue type=error;[^\]]*\]/, '##[error]'));
}

function excerptOf(excerpt: Scenario['excerpt'], { log }: StepRecord, last: StepRecord): string[] {
  const error = () => between(log, /^##\[error\]/, /^Help: /);
  const token = () => between(log, /^##\[group\]Get an ID token/, /^##\[endgroup\]/);
  switch (excerpt) {
    case 'error':
      return error();
    case 'token and error':
      return [...token(), ...error()];
    case 'table':
      return between(log, /^What this step needs/, /^Account is allowed/);
    case 'story':
      return [
        ...between(log, /^##\[group\]Get an ID token/, /^Later steps are/),
        '',
        ...last.log.slice(last.log.findIndex((line) => line.startsWith('[command]')) + 1, -1),
      ];
  }
}
