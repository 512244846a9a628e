/** One thing that goes wrong while a task runs, and what has to come of it. */
import type { ErrorCode } from '../../lib/errors/index.ts';
import type { Attempt, Trial } from '../rig/trial.ts';
import type { Patch } from '../rig/world.ts';

/** How often servers were asked for something: exactly, or at least (`'3+'`) where it is tried until the time is up. */
export type Count = number | `${number}+`;

/** What is counted: the calls that a task makes, and connections that a proxy refused. */
export const operations = [
  ...['oidctoken', 'AssumeRoleWithWebIdentity', 'AssumeRole', 'GetCallerIdentity', 'CONNECT'],
] as const;

export type Operation =
  | 'oidctoken'
  | 'AssumeRoleWithWebIdentity'
  | 'AssumeRole'
  | 'GetCallerIdentity'
  | 'CONNECT';

export interface FaultRow extends Omit<Attempt, 'pipeline' | 'world'> {
  readonly task: 'AwsFederate@1';
  /** Where in the task's story it happens. */
  readonly phase: 'inputs' | 'ID token' | 'role' | 'chained role' | 'identity' | 'hand-off' | 'renewal';
  /** What happens. With phase and task it names the row. */
  readonly class: string;
  /** The error's code as the user sees it; `SUCCEEDED` where it passes by. */
  readonly code: ErrorCode | 'SUCCEEDED';
  /** Seconds until the step is over: from its start, or from its cancellation. */
  readonly deadline: number;
  /** Operations that are not named are not asked for at all. */
  readonly requests: Readonly<Partial<Record<Operation, Count>>>;
  /** Made when the row's run begins, where it holds times. */
  readonly world?: Patch | (() => Patch);
  /** Inputs of the step, beside the connection. */
  readonly inputs?: Readonly<Record<string, string>>;
  /** The whole pipeline, where it is not the one step. */
  readonly pipeline?: string;
  /** The agent's own proxy is another one: silent for ever once connected to, or not there. */
  readonly agentProxy?: 'silent' | 'absent';
  /** What the pipeline itself put there before, and is still there. */
  readonly leftBehind?: readonly string[];
  /** No report can be written. */
  readonly unreported?: true;
  /** What else is true of it. */
  readonly expect?: (trial: Trial) => void;
}

/** What a user is told by a row of `--list`. */
export const shown = ({ task, phase, class: fault, code, deadline }: FaultRow) => ({
  task,
  phase,
  class: fault,
  code,
  deadline,
});
