/** A case while it is being made. */
import type { Asker, Case, Conditions, Statement, TrustPolicy } from './case.ts';
import { home } from './cast.ts';
import type { Difference } from './differences.ts';
import type { Random } from './random.ts';

export interface Draft {
  readonly random: Random;
  readonly notes: string[];
  readonly differences: Set<Difference>;
  allow: Statement;
  readonly others: Statement[];
  version: string | undefined;
  rolePath: string;
  askedPath: string;
  readonly parameters: Record<string, string>;
}

/** A change of a draft, and what it says about itself. */
export type Change<D> = (draft: D) => string;

/** A case that is allowed as it stands. */
export function createDraft(random: Random, allow: Statement): Draft {
  return {
    random,
    notes: [],
    differences: new Set(),
    allow,
    others: [],
    version: '2012-10-17',
    rolePath: '/',
    askedPath: '/',
    parameters: { RoleSessionName: 'case' },
  };
}

/** The case that a draft has become. */
export function finish(name: string, draft: Draft, asker: Asker): Case {
  const statements = draft.random.chance(0.5)
    ? [draft.allow, ...draft.others]
    : [...draft.others, draft.allow];
  const [only, ...more] = statements;
  const statement = only !== undefined && more.length === 0 && draft.random.chance(0.3) ? only : statements;
  const trustPolicy: TrustPolicy = {
    ...(draft.version === undefined ? {} : { Version: draft.version }),
    Statement: statement,
  };
  return {
    name,
    title: draft.notes.join('; ') || 'as it should be',
    asker,
    trustPolicy,
    rolePath: draft.rolePath,
    roleArn: `arn:aws:iam::${home}:role${draft.askedPath}${name}`,
    parameters: draft.parameters,
    differences: draft.differences,
  };
}

/**
 * Adds a condition; conditions of the same operator share a block, as they do in a document, and a key stands there
 * once, however it is spelt.
 */
export function addCondition(
  statement: Statement,
  operator: string,
  key: string,
  value: string | string[],
): string {
  const all: Conditions = statement.Condition ?? {};
  const others = Object.entries(all[operator] ?? {}).filter(
    ([other]) => other.toLowerCase() !== key.toLowerCase(),
  );
  all[operator] = { ...Object.fromEntries(others), [key]: value };
  statement.Condition = all;
  return `${operator} ${key.slice(key.lastIndexOf(':') + 1)} = ${JSON.stringify(value)}`;
}
