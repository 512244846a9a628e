/** The command line of the local agent and of the sandbox. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { run } from './agent/terminal/run-command.ts';
import { serve } from './agent/terminal/serve-command.ts';
import { FileFault } from './checked-yaml.ts';

const help = `Runs Azure Pipelines files on this machine, against a sandbox of Azure DevOps and AWS.

  npm run agent -- run PIPELINE.yml [options]   run a pipeline, print its log, exit with 0 where it succeeded
  npm run agent -- serve [options]              only start the sandbox, and say how to reach it

Options of run:
  --world FILE           the world to run in: connections, accounts, roles (default: world.yml beside the pipeline)
  --host build|release   as a pipeline's run, or as a classic release (default: build)
  --tasks DIR            a folder with built tasks, beside this project's own; may be given several times
  --node PATH            the Node.js that runs tasks; its version chooses their handler (default: this one)
  --work DIR             the agent's work folder, kept after the run (default: one that is removed)
  --variable NAME=VALUE  a variable, as it is set when a run is started; may be given several times
  --secret NAME=VALUE    a secret variable
  --json                 print the run as records instead of its log

Options of serve:
  --world FILE           the world to serve (default: examples/quickstart/world.yml)
  --json                 print one line of JSON: proxy, ca, collectionUri, jobToken, oidcRequestUri, connections, world

docs/local-agent.md says what of a pipeline is run, and how worlds are written.
`;

/** A command line that cannot be understood. */
class UsageFault extends Error {}

const root = join(import.meta.dirname, '..');

/** @returns the exit code */
async function main(argv: readonly string[]): Promise<number> {
  const [command, ...rest] = argv;
  switch (command) {
    case 'run':
      return run(readRun(rest));
    case 'serve':
      return serve(readServe(rest));
    case undefined:
    case 'help':
    case '--help':
    case '-h':
      process.stdout.write(help);
      return command === undefined ? 2 : 0;
    default:
      throw new UsageFault(`there is no command '${command}'; write run or serve`);
  }
}

function readRun(argv: readonly string[]) {
  const { values, positionals } = parse(argv, {
    world: { type: 'string' },
    host: { type: 'string', default: 'build' },
    tasks: { type: 'string', multiple: true, default: [] },
    node: { type: 'string' },
    work: { type: 'string' },
    variable: { type: 'string', multiple: true, default: [] },
    secret: { type: 'string', multiple: true, default: [] },
    json: { type: 'boolean', default: false },
  });
  const [pipeline, ...more] = positionals;
  if (pipeline === undefined || more.length > 0) throw new UsageFault('run takes one pipeline file');
  const { host } = values;
  if (host !== 'build' && host !== 'release') {
    throw new UsageFault(`--host is '${host}'; write build or release`);
  }
  const own = join(root, 'dist', 'tasks');
  return {
    pipeline,
    host,
    taskFolders: [...(existsSync(own) ? [own] : []), ...values.tasks],
    world: values.world,
    node: values.node,
    workFolder: values.work,
    variables: {
      ...Object.fromEntries(values.variable.map(readVariable)),
      ...Object.fromEntries(
        values.secret.map(readVariable).map(([name, value]) => [name, { value, secret: true }] as const),
      ),
    },
    json: values.json,
  } as const;
}

function readVariable(written: string): [name: string, value: string] {
  const at = written.indexOf('=');
  if (at < 1) throw new UsageFault(`'${written}' sets no variable; write NAME=VALUE`);
  return [written.slice(0, at), written.slice(at + 1)];
}

function readServe(argv: readonly string[]) {
  const { values, positionals } = parse(argv, {
    world: { type: 'string', default: join(root, 'examples', 'quickstart', 'world.yml') },
    json: { type: 'boolean', default: false },
  });
  if (positionals.length > 0) throw new UsageFault('serve takes options only');
  return values;
}

function parse<const Options extends NonNullable<ParseArgsConfig['options']>>(
  argv: readonly string[],
  options: Options,
) {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageFault(error instanceof Error ? error.message : String(error));
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  // Faults of files and of the command line are for the person who wrote them; anything else is a mistake of ours.
  if (error instanceof FileFault) process.stderr.write(`${error.message}\n`);
  else if (error instanceof UsageFault)
    process.stderr.write(`${error.message}; npm run agent -- --help says more\n`);
  else throw error;
  process.exitCode = 2;
}
