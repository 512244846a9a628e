/** How a step, a job or a run ended. */

/** In the order of the agent's `TaskResult`: worse ones are later. */
const results = ['Succeeded', 'SucceededWithIssues', 'Failed', 'Canceled', 'Skipped'] as const;

/** How a step, a job or a run ended, in the words of Azure Pipelines. */
export type TaskResult = (typeof results)[number];

/** Reads a result as `##vso[task.complete result=…]` writes it; letter case counts, as it does in the agent. */
export function parseTaskResult(text: string): TaskResult | undefined {
  return results.find((result) => result === text);
}

/**
 * The worse of two results: what has failed never succeeds again, and what was cancelled or skipped stays so.
 *
 * @see azure-pipelines-agent, Microsoft.VisualStudio.Services.Agent/Util/TaskResultUtil.cs, MergeTaskResults
 */
export function worseOf(current: TaskResult | undefined, coming: TaskResult): TaskResult {
  if (current === undefined) return coming;
  if (current === 'Canceled' || current === 'Skipped') return current;
  return results.indexOf(coming) >= results.indexOf(current) ? coming : current;
}

/** Whether later steps that ask for `succeeded()` may run. */
export const isSuccess = (result: TaskResult): boolean =>
  result === 'Succeeded' || result === 'SucceededWithIssues';
