/** The local agent: runs a pipeline file as Azure Pipelines' agent does. */
export type { GivenVariable } from './job/job-context.ts';
export type { LogLine, Print } from './log/log.ts';
export { machineVariables } from './machine/machine-variables.ts';
export type {
  Attachment,
  CommandRecord,
  Host,
  Issue,
  JobRecord,
  RunRecord,
  Stage,
  StepRecord,
  TempEntry,
} from './record.ts';
export type { TaskResult } from './result.ts';
export { type RunOptions, runPipeline } from './run.ts';
