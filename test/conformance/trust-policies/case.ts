/** One case: a role's trust policy, and a request to assume the role. */
import type { Difference } from './differences.ts';

export type Conditions = Record<string, Record<string, string | string[]>>;

export interface Statement {
  Sid?: string;
  Effect: 'Allow' | 'Deny';
  Principal: '*' | Record<string, string | string[]>;
  Action?: string | string[];
  NotAction?: string | string[];
  Condition?: Conditions;
}

export interface TrustPolicy {
  Version?: string;
  Statement: Statement | Statement[];
}

/** Who asks: the bearer of an ID token, or someone who signs. */
export type Asker =
  | { readonly kind: 'webIdentity'; readonly claims: Readonly<Record<string, unknown>> }
  | { readonly kind: 'user'; readonly name: UserName }
  /** A session of the role `hub`. */
  | { readonly kind: 'session' };

export type UserName = 'alice' | 'bob' | 'carol' | 'dave';

export interface Case {
  readonly name: string;
  /** What was done to it, in words. */
  readonly title: string;
  readonly asker: Asker;
  readonly trustPolicy: TrustPolicy;
  readonly rolePath: string;
  /** The ARN asked for. */
  readonly roleArn: string;
  /** Parameters beside the ARN and the token. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Why the sandbox may refuse where the peer does not. */
  readonly differences: ReadonlySet<Difference>;
}
