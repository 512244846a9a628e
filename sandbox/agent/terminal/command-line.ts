/** The words of the command line. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type ParseArgsConfig, parseArgs } from 'node:util';
import type { RunArguments } from './run-command.ts';
import type { ServeArguments } from './serve-command.ts';

/** What is to be done. */
export type CommandLine =
  | { readonly command: 'run'; readonly given: RunArguments }
  | { readonly command: 'serve'; readonly given: ServeArguments }
  | { readonly command: 'help' };

/** A command line that cannot be understood. */
export class UsageFault extends Error {
  override readonly name = 'UsageFault';
}

/** What `--help` prints. */
export const help = `Runs Azure Pipelines files on this machine, against a sandbox of Azure DevOps and AWS.

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

/**
 * Reads a command line.
 *
 * @param root the project's folder, where its own tasks and examples are
 * @throws UsageFault saying what to write
 */
export function readCommandLine([command, ...rest]: readonly string[], root: string): CommandLine {
  switch (command) {
    case 'run':
      return { command, given: readRun(rest, root) };
    case 'serve':
      return { command, given: readServe(rest, root) };
    case 'help':
    case '--help':
    case '-h':
      return { command: 'help' };
    case undefined:
      throw new UsageFault('write run or serve');
    default:
      throw new UsageFault(`there is no command '${command}'; write run or serve`);
  }
}

function readRun(argv: readonly string[], root: string): RunArguments {
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
  const secrets = values.secret.map(readVariable);
  return {
    pipeline,
    host,
    taskFolders: [...(existsSync(own) ? [own] : []), ...values.tasks],
    world: values.world,
    node: values.node,
    workFolder: values.work,
    variables: {
      ...Object.fromEntries(values.variable.map(readVariable)),
      ...Object.fromEntries(secrets.map(([name, value]) => [name, { value, secret: true }])),
    },
    json: values.json,
  };
}

function readVariable(written: string): [name: string, value: string] {
  const at = written.indexOf('=');
  if (at < 1) throw new UsageFault(`'${written}' sets no variable; write NAME=VALUE`);
  return [written.slice(0, at), written.slice(at + 1)];
}

function readServe(argv: readonly string[], root: string): ServeArguments {
  const { values, positionals } = parse(argv, {
    world: { type: 'string', default: join(root, 'examples', 'quickstart', 'world.yml') },
    json: { type: 'boolean', default: false },
  });
  if (positionals.length > 0) throw new UsageFault('serve takes options only');
  return { world: values.world, json: values.json };
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
