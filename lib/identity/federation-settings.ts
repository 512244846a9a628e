import type { RoleArn } from '../aws/index.ts';
import type { IdTokenSource } from './tokens/id-token-source.ts';

/** Credentials that somebody stored: a user's keys, or a session's that nobody can renew. */
export interface StoredKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** How the first credentials are had. Plain data, so that a later process can take the same way. May hold secrets. */
export type Origin =
  /** An ID token, with which the first role is assumed. */
  | { readonly kind: 'idToken'; readonly source: IdTokenSource }
  /** Keys of a service connection or of pipeline variables. */
  | { readonly kind: 'keys'; readonly keys: StoredKeys; readonly named: string }
  /** What the agent's machine has; the AWS variables it had at the time. */
  | { readonly kind: 'machine'; readonly environment: Readonly<Record<string, string>> };

/** What restricts and marks a session (IAM User Guide, "Session policies", "Session tags"). */
export interface SessionRestrictions {
  /** Only with AssumeRole. */
  readonly tags: Readonly<Record<string, string>>;
  /** Keys of `tags` that the sessions of later roles inherit. */
  readonly transitiveTagKeys: readonly string[];
  /** JSON. */
  readonly policy?: string | undefined;
  readonly policyArns: readonly string[];
}

/** Everything a federation needs to know. Plain data, so that it can be handed to a later process. */
export interface FederationSettings {
  readonly origin: Origin;
  readonly region: string;
  /** The roles to become, one from the other, in order. */
  readonly roles: readonly RoleArn[];
  /** Sent with every AssumeRole. */
  readonly externalId?: string | undefined;
  readonly sessionName: string;
  /** Seconds, 900–43200; undefined lets the role decide (STS: one hour). */
  readonly sessionDuration?: number | undefined;
  readonly restrictions: SessionRestrictions;
  /** Twelve-digit account ids; empty allows every account. */
  readonly allowedAccounts: readonly string[];
}
