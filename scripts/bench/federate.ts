import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import { z } from 'zod';
import { runPipeline } from '../../sandbox/agent/index.ts';
import { startSandbox } from '../../sandbox/sandbox.ts';
import { loadWorld } from '../../sandbox/world.ts';
import type { Bench } from './bench.ts';
import { type BenchRow, compare, median } from './row.ts';
import { type ProcessFigures, runInTurn } from './whole-process.ts';

const runs = 15;
const root = join(import.meta.dirname, '../..');
const peakMemoryHook = join(import.meta.dirname, 'peak-memory.cjs');
const builtTask = join(root, 'dist/tasks/AwsFederate/AwsFederateV1');

/** AwsFederate from start to end in the sandbox, as the local agent runs it, against a Node that does nothing. */
export const federate: Bench = async () => {
  const whole = await measureInJob({ proxyVariables: true });
  const agentOnly = await measureInJob({ proxyVariables: false });
  const parts = await measureLibraries();
  const bare = 'node -e 0';
  return {
    rows: [
      compare('wall', 'ms', whole.ours.milliseconds, bare, whole.bare.milliseconds, 2.8),
      compare('memory', 'MiB', whole.ours.memory, bare, whole.bare.memory, 1.8),
      compare(
        'wall, proxy and CA given by the agent alone',
        'ms',
        agentOnly.ours.milliseconds,
        bare,
        agentOnly.bare.milliseconds,
        2.8,
      ),
      compare(
        'memory, proxy and CA given by the agent alone',
        'MiB',
        agentOnly.ours.memory,
        bare,
        agentOnly.bare.memory,
        1.8,
      ),
      ...parts,
    ],
    beside: { title: 'Phases of the task, medians', rows: [['Phase', 'ms'], ...whole.phases] },
  };
};

const jobResult = z.object({
  figures: z.record(z.string(), z.object({ milliseconds: z.array(z.number()), memory: z.array(z.number()) })),
  reports: z.array(z.object({ steps: z.array(z.object({ title: z.string(), seconds: z.number() })) })),
});

/** The quick start's job, with a program in the task's place that runs the task and the peer in turn. */
async function measureInJob(machine: { proxyVariables: boolean }) {
  const folder = await mkdtemp(join(tmpdir(), 'keyless-delivery-bench-'));
  const world = await loadWorld(join(root, 'examples/quickstart/world.yml'));
  const sandbox = await startSandbox({ ...world, machine: { ...world.machine, ...machine } });
  try {
    const taskFolder = join(folder, 'AwsFederate/AwsFederateV1');
    const resultFile = join(folder, 'result.json');
    await cp(builtTask, taskFolder, { recursive: true });
    await bundle(join(import.meta.dirname, 'inside-job.ts'), join(taskFolder, 'main.js'));
    const programs = { ours: [join(builtTask, 'main.js')], bare: ['-e', '0'] };
    await writeFile(
      join(taskFolder, 'plan.json'),
      JSON.stringify({ programs, runs, peakMemoryHook, resultFile }),
    );
    const { result } = await runPipeline({
      file: join(folder, 'azure-pipelines.yml'),
      text: 'steps:\n  - task: AwsFederate@1\n    inputs:\n      awsConnection: aws-production\n',
      host: 'build',
      taskFolders: [folder],
      sandbox,
      print: () => {},
    });
    if (result !== 'Succeeded') throw new Error(`the measured job ended ${result}`);
    const { figures, reports } = jobResult.parse(JSON.parse(await readFile(resultFile, 'utf8')));
    return { ours: figuresOf(figures, 'ours'), bare: figuresOf(figures, 'bare'), phases: phasesOf(reports) };
  } finally {
    await sandbox.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** What our own clients save against the libraries they stand in for: a program that loads each and makes its client. */
async function measureLibraries(): Promise<BenchRow[]> {
  const folder = await mkdtemp(join(tmpdir(), 'keyless-delivery-bench-'));
  try {
    const program = async (name: string, source: string) => {
      const file = join(folder, `${name}.js`);
      await build({ ...bundling, stdin: { contents: source, resolveDir: root }, outfile: file });
      return [file];
    };
    const figures = runInTurn(
      {
        ours: await program(
          'ours',
          `import { createSts } from './lib/aws/index.ts'; import { openConnections } from './lib/network/index.ts';
           globalThis.sts = createSts('eu-west-1', openConnections({}), process.env);`,
        ),
        sdk: await program(
          'sdk',
          `import { STSClient, AssumeRoleWithWebIdentityCommand, AssumeRoleCommand, GetCallerIdentityCommand } from '@aws-sdk/client-sts';
           globalThis.sts = [new STSClient({ region: 'eu-west-1' }), AssumeRoleWithWebIdentityCommand, AssumeRoleCommand, GetCallerIdentityCommand];`,
        ),
        agent: await program(
          'agent',
          `import { azurePipelinesAgent } from './lib/agent/azure-pipelines.ts';
           globalThis.agent = azurePipelinesAgent(process.env, () => {});`,
        ),
        taskLib: await program(
          'task-lib',
          `import * as taskLib from 'azure-pipelines-task-lib/task'; globalThis.agent = taskLib;`,
        ),
      },
      runs,
      peakMemoryHook,
    );
    const times = (name: string) => figuresOf(figures, name).milliseconds;
    return [
      compare('STS client loaded', 'ms', times('ours'), '@aws-sdk/client-sts', times('sdk'), 1),
      compare('agent library loaded', 'ms', times('agent'), 'azure-pipelines-task-lib', times('taskLib'), 1),
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** As scripts/bundle.ts bundles the tasks. */
const bundling: BuildOptions = {
  bundle: true,
  minify: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  mainFields: ['module', 'main'],
  logLevel: 'error',
};

async function bundle(source: string, file: string): Promise<void> {
  await build({ ...bundling, entryPoints: [source], outfile: file });
}

function figuresOf(figures: Readonly<Record<string, ProcessFigures>>, name: string): ProcessFigures {
  const found = figures[name];
  if (!found) throw new Error(`nothing was measured for ${name}`);
  return found;
}

function phasesOf(reports: z.infer<typeof jobResult>['reports']): string[][] {
  const titles = reports[0]?.steps.map(({ title }) => title) ?? [];
  return titles.map((title, index) => {
    const seconds = reports.flatMap(({ steps }) => steps[index]?.seconds ?? []);
    return [title, (median(seconds) * 1000).toFixed(1)];
  });
}
