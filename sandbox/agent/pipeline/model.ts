/** A pipeline as it is to be run. */
import type { Condition } from '../expressions/conditions.ts';
import type { Expression } from '../expressions/parser.ts';
import type { Place } from './source.ts';

export interface Pipeline {
  readonly file: string;
  readonly name: string;
  readonly variables: readonly VariableDeclaration[];
  /** In an order in which each job stands after those it depends on. */
  readonly jobs: readonly Job[];
}

export interface VariableDeclaration {
  readonly name: string;
  readonly value: string | { readonly expression: Expression | undefined };
  readonly readOnly: boolean;
  readonly place: Place;
}

export interface Job {
  readonly name: string;
  readonly displayName: string;
  readonly dependsOn: readonly string[];
  readonly condition: Condition;
  readonly variables: readonly VariableDeclaration[];
  readonly steps: readonly Step[];
  /** Whether the pipeline's folder is there for the steps, as `checkout: none` says it is not. */
  readonly checkout: boolean;
  /** Minutes; 0 is without end. */
  readonly timeout: number;
  /** Minutes that a cancelled job has to clean up. */
  readonly cancelTimeout: number;
  readonly place: Place;
}

/** What all steps have. */
interface CommonStep {
  /** The name by which others read its outputs. */
  readonly name: string;
  readonly displayName: string;
  readonly condition: Condition;
  readonly continueOnError: boolean;
  readonly enabled: boolean;
  /** Minutes; 0 is as long as the job. */
  readonly timeout: number;
  readonly retries: number;
  readonly environment: ReadonlyMap<string, string>;
  /** What `target` allows the step, beside what its task allows itself. */
  readonly restrictions: Restrictions;
  readonly place: Place;
}

/** What a step may do; see commands/restrictions.ts. */
export interface Restrictions {
  /** Whether only harmless commands are obeyed. */
  readonly commandsRestricted: boolean;
  /** Patterns of the variables it may set; undefined is any. */
  readonly settableVariables: readonly string[] | undefined;
}

export interface ScriptStep extends CommonStep {
  readonly kind: 'script';
  readonly shell: 'script' | 'bash' | 'pwsh';
  readonly script: string;
  readonly workingDirectory: string;
  readonly failOnStderr: boolean;
}

export interface TaskStep extends CommonStep {
  readonly kind: 'task';
  /** The task's name or GUID, and its major version. */
  readonly task: string;
  readonly version: string;
  readonly inputs: ReadonlyMap<string, { readonly value: string; readonly place: Place }>;
}

export type Step = ScriptStep | TaskStep;
