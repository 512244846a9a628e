/** The steps of a job in the order in which they run: what tasks do before, the steps, and what tasks do after. */
import { always } from '../expressions/conditions.ts';
import type { ScriptStep } from '../pipeline/model.ts';
import type { PlannedTask } from '../plan-task.ts';
import type { Stage } from '../record.ts';
import { versionOf } from '../tasks/definition.ts';
import { Variables } from '../variables/variables.ts';
import type { JobContext } from './job-context.ts';
import { runScript } from './script-step.ts';
import { scriptTasks } from './shells.ts';
import { StepContext } from './step-context.ts';
import type { RunnableStep } from './step-runner.ts';
import { printTaskHeader, runTask } from './task-step.ts';

/**
 * Makes a job's steps runnable. The last task to start cleans up first.
 *
 * @see azure-pipelines-agent, JobExtension.cs, InitializeJob ("build up 3 lists of steps")
 */
export function stagesOf(job: JobContext, planned: readonly (PlannedTask | ScriptStep)[]): RunnableStep[] {
  const before: RunnableStep[] = [];
  const main: RunnableStep[] = [];
  const after: RunnableStep[] = [];
  for (const step of planned) {
    if (step.kind === 'script') {
      main.push(scriptStage(job, step));
      continue;
    }
    const taskVariables = new Variables((secret) => job.masker.add(secret));
    const { prejobexecution, execution, postjobexecution } = step.task.definition;
    if (prejobexecution !== undefined) before.push(taskStage(job, step, 'pre-job', taskVariables));
    if (execution !== undefined) main.push(taskStage(job, step, 'main', taskVariables));
    if (postjobexecution !== undefined) after.unshift(taskStage(job, step, 'post-job', taskVariables));
  }
  return [...before, ...main, ...after];
}

const prefixes: Readonly<Record<Stage, string>> = {
  'pre-job': 'Pre-job: ',
  main: '',
  'post-job': 'Post-job: ',
};

function taskStage(
  job: JobContext,
  planned: PlannedTask,
  stage: Stage,
  taskVariables: Variables,
): RunnableStep {
  const { step, task, inputs, restrictions, warnings } = planned;
  const { definition, folder } = task;
  const context = new StepContext(job, step.name, taskVariables);
  context.restrictions.push(...restrictions);
  const handlers = {
    'pre-job': definition.prejobexecution,
    main: definition.execution,
    'post-job': definition.postjobexecution,
  }[stage];
  return {
    ...commonOf(job, step, stage, step.displayName || definition.name),
    context,
    task: { name: definition.name, version: versionOf(definition), id: definition.id },
    condition: stage === 'post-job' ? always : step.condition,
    run: async (signal, report) => {
      const { helpUrl, helpMarkDown } = definition;
      const header = { ...definition, version: versionOf(definition), help: helpUrl ?? helpMarkDown };
      printTaskHeader(context, header);
      if (stage === 'main') for (const warning of warnings) context.warn(warning);
      const run = {
        definition,
        folder,
        handlers: handlers ?? {},
        inputs,
        environment: step.environment,
        signal,
      };
      await runTask(context, run, ({ inputs: given, ...found }) =>
        report({ ...found, inputs: Object.fromEntries(given) }),
      );
    },
  };
}

function scriptStage(job: JobContext, step: ScriptStep): RunnableStep {
  const context = new StepContext(job, step.name, new Variables((secret) => job.masker.add(secret)));
  context.restrictions.push(step.restrictions);
  const task = scriptTasks[step.shell];
  return {
    ...commonOf(job, step, 'main', step.displayName || task.name),
    context,
    task: { name: task.name, version: task.version, id: task.id },
    condition: step.condition,
    run: async (signal, report) => {
      printTaskHeader(context, task);
      const { script, workingDirectory } = step;
      report({ inputs: { script, workingDirectory, failOnStderr: String(step.failOnStderr) } });
      await runScript(context, step, signal, (exitCode) => report({ exitCode }));
    },
  };
}

function commonOf(
  job: JobContext,
  step: PlannedTask['step'] | ScriptStep,
  stage: Stage,
  displayName: string,
) {
  return {
    displayName: prefixes[stage] + job.variables.expandIn(displayName),
    stage,
    continueOnError: step.continueOnError,
    timeout: step.timeout * job.settings.minute,
    retries: step.retries,
  };
}
