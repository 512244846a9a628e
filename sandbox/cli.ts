/** The command line of the local agent and of the sandbox. */
import { join } from 'node:path';
import { help, readCommandLine, UsageFault } from './agent/terminal/command-line.ts';
import { FileFault } from './checked-yaml.ts';

/** @returns the exit code */
async function main(argv: readonly string[]): Promise<number> {
  const line = readCommandLine(argv, join(import.meta.dirname, '..'));
  // What a command needs is loaded when it is known to be the one: help comes at once.
  switch (line.command) {
    case 'run':
      return (await import('./agent/terminal/run-command.ts')).run(line.given);
    case 'serve':
      return (await import('./agent/terminal/serve-command.ts')).serve(line.given);
    case 'help':
      process.stdout.write(help);
      return 0;
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  // Faults of files and of the command line are for the person who wrote them; anything else is a mistake of ours.
  if (error instanceof FileFault) process.stderr.write(`${error.message}\n`);
  else if (error instanceof UsageFault) {
    process.stderr.write(`${error.message}; npm run agent -- --help says more\n`);
  } else throw error;
  process.exitCode = 2;
}
