import { join } from 'node:path';
import type { Attempt, Trial } from '../../../rig/trial.ts';

/** One run of a pipeline, and what has to come of it. */
export interface TaskCase extends Attempt {
  readonly name: string;
  /** Fails also for a task that does nothing but say that it succeeded. */
  readonly expect: (trial: Trial) => void;
}

/** The identity of the connection aws-production. */
export const connectionId = '6c9a1f4e-2b7d-4c35-9e0a-d1f2a3b4c5d6';

export const deployer = 'arn:aws:iam::111122223333:role/deployer';
export const reader = 'arn:aws:iam::111122223333:role/reader';
export const publisher = 'arn:aws:iam::444455556666:role/publisher';
export const archivist = 'arn:aws:iam::444455556666:role/archivist';

/** Session of a role, by the name that a run of these pipelines has when none is given. */
export const sessionOf = (role: string, account = '111122223333') =>
  `arn:aws:sts::${account}:assumed-role/${role}/shop-azure-pipelines-1`;

/** The command by which a step runs a program of steps/. */
export const step = (program: string) =>
  `"${process.execPath}" "${join(import.meta.dirname, '..', 'steps', program)}"`;
