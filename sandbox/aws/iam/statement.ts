/**
 * Statements of IAM policies: read from their grammar into what can be evaluated, or what is wrong with them. Nothing
 * unknown is passed over.
 *
 * Texts of faults: https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html,
 * the checks of kind "Error".
 */
import { type Condition, readCondition } from './conditions.ts';
import type { StatementElement } from './policy-grammar.ts';
import { type LanguageVersion, readTemplate, type Template } from './policy-variables.ts';
import { type PrincipalPattern, type PrincipalType, readPrincipal } from './principals.ts';

/** A statement, read and ready to be evaluated. */
export interface Statement {
  readonly effect: 'Allow' | 'Deny';
  /** Absent in identity policies, where the principal is whoever the policy belongs to. */
  readonly principals?: readonly PrincipalPattern[];
  /** `excluding` where written as NotAction. */
  readonly actions: Selection<string>;
  /** Absent in trust policies, where the resource is the role itself. */
  readonly resources?: Selection<Template>;
  readonly conditions: readonly Condition[];
}

export interface Selection<T> {
  readonly excluding: boolean;
  readonly patterns: readonly T[];
}

/** Where a policy may stand: the trust policy of a role, or the permissions of a role, a user or a session. */
export type PolicyKind = 'trust' | 'identity';

/** Hears of a fault: the element it stands in, such as `Principal.AWS`, and what is wrong. */
type Report = (element: string, message: string) => void;

/** Reads a statement, and reports everything that is wrong with it. */
export function readStatement(
  written: StatementElement,
  version: LanguageVersion,
  kind: PolicyKind,
  report: Report,
): Statement {
  const principals = kind === 'trust' ? readPrincipals(written, report) : undefined;
  if (kind === 'identity' && (written.Principal ?? written.NotPrincipal) !== undefined) {
    report(
      'Principal',
      'The policy type does not support the Principal element. Remove the Principal element.',
    );
  }
  const resources = kind === 'identity' ? readResources(written, version, report) : undefined;
  if (kind === 'trust' && (written.Resource ?? written.NotResource) !== undefined) {
    report(
      'Resource',
      'Role trust policies apply to the role that they are attached to. You cannot specify a resource. Remove the Resource or NotResource element.',
    );
  }
  return {
    effect: written.Effect,
    ...(principals === undefined ? {} : { principals }),
    actions: readActions(written, kind, report),
    ...(resources === undefined ? {} : { resources }),
    conditions: readConditions(written.Condition ?? {}, version, report),
  };
}

function readPrincipals(written: StatementElement, report: Report): PrincipalPattern[] {
  // "You cannot use the NotPrincipal element … in an IAM role trust policy" (reference_policies_elements_notprincipal.html).
  if (written.NotPrincipal !== undefined) {
    report(
      'NotPrincipal',
      'Role trust policies do not support NotPrincipal. Update the policy to use a Principal element instead.',
    );
    return [];
  }
  if (written.Principal === undefined) {
    report('Principal', 'Add a Principal element to the policy statement.');
    return [];
  }
  if (written.Principal === '*') return [{ kind: 'everyone' }];
  const { AWS, Federated, Service, CanonicalUser } = written.Principal;
  const entries = Object.entries({ AWS, Federated, Service, CanonicalUser } as const).flatMap(
    ([type, values]) => listOf(values).map((value) => [type as PrincipalType, value] as const),
  );
  if (entries.length === 0) {
    report(
      'Principal',
      'This statement includes no principals and does not affect the policy. Specify principals.',
    );
  }
  return entries.flatMap(([type, value]) => {
    const reading = readPrincipal(type, value);
    if ('principal' in reading) return [reading.principal];
    report(`Principal.${type}`, reading.fault);
    return [];
  });
}

function readActions(written: StatementElement, kind: PolicyKind, report: Report): Selection<string> {
  const chosen = choose(
    written,
    'Action',
    'NotAction',
    'Add an Action or NotAction element to the policy statement.',
    report,
  );
  for (const action of chosen.patterns) {
    if (action.includes('${')) {
      report(
        chosen.element,
        `Policy variables are supported in the Resource and Condition elements. Remove the policy variable from ${action}.`,
      );
    } else if (action !== '*' && !/^[A-Za-z0-9-]+:[A-Za-z0-9*?]+$/.test(action)) {
      // "Consists of a service namespace, a colon, and the name of an action" (policies-grammar-notes-strings).
      report(chosen.element, `The action ${action} does not exist.`);
    } else if (kind === 'trust' && !/^sts:/i.test(action)) {
      // The check "Unsupported action in policy", in the words that IAM answers UpdateAssumeRolePolicy with.
      report(chosen.element, 'AssumeRole policy may only specify STS AssumeRole actions.');
    }
  }
  return { excluding: chosen.excluding, patterns: chosen.patterns };
}

function readResources(
  written: StatementElement,
  version: LanguageVersion,
  report: Report,
): Selection<Template> {
  const chosen = choose(
    written,
    'Resource',
    'NotResource',
    'Add a Resource or NotResource element to the policy statement.',
    report,
  );
  const patterns: Template[] = [];
  for (const resource of chosen.patterns) {
    const reading = readTemplate(resource, version);
    if ('fault' in reading) report(chosen.element, reading.fault);
    else if (resource !== '*' && !resource.startsWith('arn:'))
      report(chosen.element, 'Add the required prefix (arn) to the resource ARN.');
    // "You can't use a variable to replace parts of the ARN before the fifth colon" (#policy-vars-resourceelement).
    else if (/^([^:]*:){0,4}[^:]*\$\{/.test(resource) && version === '2012-10-17') {
      report(
        chosen.element,
        'Resource ARNs must include at least 6 fields in the following structure: arn:partition:service:region:account:resource',
      );
    } else patterns.push(reading.template);
  }
  return { excluding: chosen.excluding, patterns };
}

/** Exactly one of an element and its Not form must stand. */
function choose(
  written: StatementElement,
  element: 'Action' | 'Resource',
  notElement: 'NotAction' | 'NotResource',
  missing: string,
  report: Report,
): Selection<string> & { readonly element: string } {
  if (written[element] !== undefined && written[notElement] !== undefined) {
    report(
      notElement,
      `The policy elements ${element} and ${notElement} can not be used in the same statement. Remove one of these elements.`,
    );
  }
  const excluding = written[element] === undefined;
  const patterns = listOf(written[element] ?? written[notElement]);
  if (patterns.length === 0) report(element, missing);
  return { element: excluding ? notElement : element, excluding, patterns };
}

function readConditions(
  written: NonNullable<StatementElement['Condition']>,
  version: LanguageVersion,
  report: Report,
): Condition[] {
  const conditions: Condition[] = [];
  for (const [operator, keys] of Object.entries(written)) {
    const names = Object.keys(keys).map((key) => key.toLowerCase());
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) {
      report(
        `Condition.${operator}`,
        `The condition key ${twice} appears more than once with different capitalization in the same condition block. Remove the duplicate condition keys.`,
      );
    }
    for (const [key, values] of Object.entries(keys)) {
      const reading = readCondition(operator, key, listOf(values), version);
      if ('fault' in reading) report(`Condition.${operator}`, reading.fault);
      else conditions.push(reading.condition);
    }
  }
  return conditions;
}

const listOf = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === 'string' ? [value] : value;
