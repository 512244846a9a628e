/** The process of a step: what it prints is looked at for commands, and its end is judged. */
import { delimiter } from 'node:path';
import { obey } from '../commands/dispatch.ts';
import { type ProcessEnd, type ProcessRequest, runProcess } from '../machine/process.ts';
import type { JobContext } from './job-context.ts';
import type { StepContext } from './step-context.ts';

/** Milliseconds between the signals of a cancellation, which pipelines may set (AgentKnobs.cs). */
function patienceOf({ variables }: JobContext): ProcessRequest['patience'] {
  const milliseconds = (name: string, otherwise: number) => {
    const written = variables.get(name);
    return written !== undefined && /^\d+$/.test(written) ? Number(written) : otherwise;
  };
  return {
    afterInterrupt: milliseconds('PROCESS_SIGINT_TIMEOUT', 7500),
    afterTerminate: milliseconds('PROCESS_SIGTERM_TIMEOUT', 2500),
  };
}

/**
 * Runs the process of a step.
 *
 * @param environment the step's own, on top of the agent's
 * @returns undefined where the step said that it is done and its process went on
 */
export async function runStepProcess(
  step: StepContext,
  request: Pick<ProcessRequest, 'file' | 'arguments' | 'workingDirectory' | 'firstSignal' | 'signal'> & {
    readonly environment: Readonly<Record<string, string>>;
    readonly onStderr?: (line: string) => void;
  },
): Promise<ProcessEnd | undefined> {
  const completion = step.begin();
  let over = false;
  const end = runProcess({
    ...request,
    environment: {
      ...step.job.settings.environment,
      ...withPath(step.job, request.environment),
      TF_BUILD: 'True',
    },
    patience: patienceOf(step.job),
    onLine: (line, stream) => {
      if (over) return;
      if (stream === 'stderr') request.onStderr?.(line);
      if (!obey(step, line)) step.write(line);
    },
  });
  const result = await Promise.race([end, completion.forced.then(() => undefined)]);
  over = true;
  completion.forget();
  if (result === undefined) {
    end.catch(() => {});
    step.debug(
      'The task was marked as "done", but the process has not closed after 5 seconds. Treating the task as complete.',
    );
  }
  return result;
}

/** @see azure-pipelines-agent, Handlers/Handler.cs, AddPrependPathToEnvironment */
function withPath(job: JobContext, environment: Readonly<Record<string, string>>): Record<string, string> {
  if (job.prependedPaths.length === 0) return { ...environment };
  const before = job.variables.get('PATH') ?? environment.PATH ?? job.settings.environment.PATH ?? '';
  return { ...environment, PATH: [...job.prependedPaths].reverse().concat(before).join(delimiter) };
}
