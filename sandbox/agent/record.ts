/** What a run leaves behind for programs to look at: every step, command, variable and result, secrets masked. */
import type { TaskResult } from './result.ts';

/** A run of a pipeline. */
export interface RunRecord {
  readonly pipeline: string;
  readonly host: Host;
  readonly result: TaskResult;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly jobs: readonly JobRecord[];
}

/** Which kind of run Azure DevOps makes of it: a YAML pipeline's, or a classic release's. */
export type Host = 'build' | 'release';

/** A job of a run. */
export interface JobRecord {
  readonly name: string;
  readonly displayName: string;
  readonly result: TaskResult;
  /** Why a job did not run. */
  readonly reason?: string;
  readonly steps: readonly StepRecord[];
  /** Outputs of its steps, as other jobs read them: `step.name`. */
  readonly outputs: Readonly<Record<string, string>>;
  /** Variables at the end, secret ones as `***`. */
  readonly variables: Readonly<Record<string, string>>;
  readonly attachments: readonly Attachment[];
  readonly buildTags: readonly string[];
  /** Build number or release name at the end. */
  readonly runName: string;
  /** The temp folder when the steps were over, before the agent emptied it. */
  readonly tempAtEnd: readonly TempEntry[];
  /** Processes that outlived their step and were ended with the job. */
  readonly orphans: readonly string[];
  /** Messages of the job itself: before its steps, between them, and after. */
  readonly issues: readonly Issue[];
  readonly log: readonly string[];
  /** How many places of the whole log had to be masked. */
  readonly maskedCount: number;
}

/** When in the job a step ran. */
export type Stage = 'pre-job' | 'main' | 'post-job';

/** A step of a job. */
export interface StepRecord {
  /** The name by which others read its outputs. */
  readonly name: string;
  readonly displayName: string;
  readonly stage: Stage;
  readonly task: { readonly name: string; readonly version: string; readonly id: string };
  /** Which of the task's handlers ran: `Node24`, `Node20_1` … */
  readonly handler?: string;
  readonly result: TaskResult;
  /** Why a skipped step was skipped. */
  readonly reason?: string;
  readonly exitCode?: number;
  readonly startedAt: string;
  readonly durationMilliseconds: number;
  /** As the process got them: with defaults, expanded, connections as GUIDs. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly commands: readonly CommandRecord[];
  readonly issues: readonly Issue[];
  readonly log: readonly string[];
  /** How many places of its log had to be masked: secrets that it printed. */
  readonly maskedCount: number;
}

/** A logging command as it was obeyed, or not. */
export interface CommandRecord {
  readonly area: string;
  readonly event: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly data: string;
  readonly outcome: 'done' | 'refused';
}

/** An error or a warning. */
export interface Issue {
  readonly type: 'error' | 'warning';
  readonly message: string;
}

/** A file attached to the run, with the content it had when it was uploaded. */
export interface Attachment {
  readonly type: string;
  readonly name: string;
  readonly step: string;
  readonly content: string;
  /** How many places of it had to be masked. */
  readonly maskedCount: number;
}

/** A file or folder of the temp folder. */
export interface TempEntry {
  /** Relative to the temp folder, with `/`. */
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'link';
  readonly size: number;
  /** Permission bits. */
  readonly mode: number;
  /** Of files up to 64 KiB, masked as the log is. */
  readonly content?: string;
  /** How many places of the content had to be masked: secrets left in a file. */
  readonly maskedCount: number;
}
