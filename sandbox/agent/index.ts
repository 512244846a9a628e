/** The local agent: runs a pipeline file as Azure Pipelines' agent does. */
export type { LogLine, Print } from './log.ts';
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
