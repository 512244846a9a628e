/**
 * Policy evaluation: an explicit Deny wins, and without an Allow there is no access.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
import { allHold } from './conditions.ts';
import { matchesPattern, patternOf } from './pattern.ts';
import type { Policy } from './policy-document.ts';
import { expand, type Template } from './policy-variables.ts';
import { type Caller, names } from './principals.ts';
import type { RequestContext } from './request-context.ts';
import type { Selection, Statement } from './statement.ts';

/** What a policy says of a request: nothing, where `none`. */
export type Decision = 'allow' | 'deny' | 'none';

/** A request as policies see it. */
export interface Authorization {
  /** `sts:AssumeRole` */
  readonly action: string;
  /** ARN of what is asked for. */
  readonly resource: string;
  readonly context: RequestContext;
}

/** What a trust policy says, and whether of the caller itself or only of its account. */
export type TrustDecision = Decision | 'allowAccount';

/** What a role's trust policy says of a caller. */
export function evaluateTrustPolicy(policy: Policy, caller: Caller, request: Authorization): TrustDecision {
  let decision: TrustDecision = 'none';
  for (const statement of policy) {
    const namings = (statement.principals ?? []).map((principal) => names(principal, caller));
    if (statement.effect === 'Deny') {
      if (namings.some((naming) => naming !== 'not') && applies(statement, request)) return 'deny';
    } else if (namings.includes('itself') && applies(statement, request)) {
      decision = 'allow';
    } else if (namings.includes('itsAccount') && decision === 'none' && applies(statement, request)) {
      decision = 'allowAccount';
    }
  }
  return decision;
}

/** What identity policies, of one owner, say of a request. */
export function evaluateIdentityPolicies(policies: readonly Policy[], request: Authorization): Decision {
  const applying = policies.flat().filter((statement) => applies(statement, request));
  if (applying.some(({ effect }) => effect === 'Deny')) return 'deny';
  return applying.length > 0 ? 'allow' : 'none';
}

/** Whether a statement applies to a request. What no document settles is taken against the caller. */
function applies(statement: Statement, request: Authorization): boolean {
  const byDoubt = statement.effect === 'Deny';
  // "the action name is case-insensitive" (reference_policies_elements_action.html)
  const actionMatches = selects(statement.actions, (pattern) =>
    matchesPattern(request.action.toLowerCase(), patternOf(pattern.toLowerCase())),
  );
  if (!actionMatches) return false;
  if (statement.resources !== undefined) {
    const doubts = statement.resources.patterns.some(
      (pattern) => expand(pattern, request.context) === 'unknown',
    );
    if (doubts && !byDoubt) return false;
    if (!doubts && !selects(statement.resources, (pattern) => resourceMatches(pattern, request)))
      return false;
  }
  const outcome = allHold(statement.conditions, request.context);
  return outcome === 'unknown' ? byDoubt : outcome;
}

function selects<T>({ excluding, patterns }: Selection<T>, matches: (pattern: T) => boolean): boolean {
  return patterns.some(matches) !== excluding;
}

/** "the resource that includes a policy variable with no value will not match any resource" (#policy-vars-no-value). */
function resourceMatches(pattern: Template, { resource, context }: Authorization): boolean {
  const expansion = expand(pattern, context);
  return typeof expansion === 'object' && matchesPattern(resource, expansion.pattern);
}
