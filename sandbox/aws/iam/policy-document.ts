/**
 * IAM policy documents: how they are written, and what is wrong with one that IAM would refuse or the sandbox could
 * not evaluate. Nothing unknown is passed over.
 *
 * Grammar: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 * Texts of faults: https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html,
 * the checks of kind "Error".
 */
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { type Limit, limits } from '../limits.ts';
import { type Condition, readCondition } from './conditions.ts';
import { type LanguageVersion, readTemplate, type Template } from './policy-variables.ts';
import { type PrincipalPattern, type PrincipalType, readPrincipal } from './principals.ts';

const oneOrMore = z.union([z.string(), z.array(z.string()).min(1)], 'write a text or a list of texts');

/** "Quotation marks are optional for numeric and Boolean values." */
const scalar = z.union([z.string(), z.boolean(), z.number()]).transform(String);
const conditionValues = z.union([scalar, z.array(scalar)], 'write a text or a list of texts');

const principalElement = z.union(
  [
    z.literal('*'),
    z.strictObject({
      AWS: oneOrMore.optional(),
      Federated: oneOrMore.optional(),
      Service: oneOrMore.optional(),
      CanonicalUser: oneOrMore.optional(),
    }),
  ],
  'The Principal element contents are not valid. Specify a key-value pair in the Principal element.',
);

const statementElement = z.strictObject({
  // "basic alphanumeric characters (A-Z,a-z,0-9) are the only allowed characters in the Sid value"
  Sid: z
    .string()
    .regex(
      /^[A-Za-z0-9]*$/,
      'Update the characters in the Sid element to use one of the following character types: [a-z, A-Z, 0-9]',
    )
    .optional(),
  Effect: z.enum(['Allow', 'Deny'], 'The effect is not valid. Use Allow or Deny.'),
  Principal: principalElement.optional(),
  NotPrincipal: principalElement.optional(),
  Action: oneOrMore.optional(),
  NotAction: oneOrMore.optional(),
  Resource: oneOrMore.optional(),
  NotResource: oneOrMore.optional(),
  Condition: z.record(z.string(), z.record(z.string(), conditionValues)).optional(),
});

const documentElement = z.strictObject({
  Version: z
    .enum(
      ['2012-10-17', '2008-10-17'],
      'The version is not valid. Use one of the following versions: 2012-10-17, 2008-10-17',
    )
    .optional(),
  Id: z.string().optional(),
  // "If the element takes an array but only one value is included, the brackets are optional."
  Statement: z.preprocess(
    (value) => (Array.isArray(value) ? value : [value]),
    z.array(statementElement).min(1),
  ),
});

/** A policy document as written; a single statement has become a list of one. */
export type PolicyDocument = z.infer<typeof documentElement>;
type StatementElement = PolicyDocument['Statement'][number];

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

export type Policy = readonly Statement[];

/** Where a document may stand: the trust policy of a role, or the permissions of a role, a user or a session. */
type Kind = 'trust' | 'identity';

/** Where in the document something is wrong, and what. */
interface Fault {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

const schemaOf = (kind: Kind) =>
  documentElement.superRefine((document, refinement) => {
    for (const { path, message } of read(document, kind).faults) {
      refinement.addIssue({ code: 'custom', path: [...path], message });
    }
  });

/** "IAM does not count white space when calculating the size of a policy." */
const sizeOf = (document: PolicyDocument) => JSON.stringify(document).replace(/\s/g, '').length;

/** A role's trust policy. */
export const trustPolicySchema = schemaOf('trust').refine(
  (document) => sizeOf(document) <= limits.trustPolicy.most,
  `Cannot exceed quota for ACLSizePerRole: ${limits.trustPolicy.most}`,
);

/** The permissions of a role or a user: policies by name, which share one limit. */
function inlinePolicies(owner: 'role' | 'user', { most }: Limit) {
  const name = z.string().regex(/^[\w+=,.@-]{1,128}$/, 'write 1 to 128 of letters, digits and _+=,.@-');
  return z
    .record(name, schemaOf('identity'))
    .refine(
      (policies) => Object.values(policies).reduce((sum, document) => sum + sizeOf(document), 0) <= most,
      `Maximum policy size of ${most} bytes exceeded for this ${owner}`,
    );
}

export const rolePoliciesSchema = inlinePolicies('role', limits.rolePolicies);
export const userPoliciesSchema = inlinePolicies('user', limits.userPolicies);

/** What IAM and STS answer with code MalformedPolicyDocument. */
export class MalformedPolicyDocument extends Error {
  override readonly name = 'MalformedPolicyDocument';
}

/** Reads a role's trust policy. Throws MalformedPolicyDocument. */
export const readTrustPolicy = (document: PolicyDocument): Policy => readOrThrow(document, 'trust');

/** Reads the permissions of a role or a user. Throws MalformedPolicyDocument. */
export const readIdentityPolicy = (document: PolicyDocument): Policy => readOrThrow(document, 'identity');

/** Reads a session policy as sent, in JSON. Throws MalformedPolicyDocument. */
export function parseSessionPolicy(json: string): Policy {
  let written: unknown;
  try {
    written = JSON.parse(json);
  } catch (error) {
    throw new MalformedPolicyDocument('Fix the JSON syntax error.', { cause: error });
  }
  // "Individual elements must not contain multiple instances of the same key": JSON.parse would keep the last one
  // silently, a YAML reader (JSON is YAML) tells.
  const [twice] = parseDocument(json, { uniqueKeys: true }).errors;
  if (twice !== undefined) throw new MalformedPolicyDocument(twice.message);
  const document = documentElement.safeParse(written);
  if (!document.success) throw new MalformedPolicyDocument(z.prettifyError(document.error));
  return readIdentityPolicy(document.data);
}

function readOrThrow(document: PolicyDocument, kind: Kind): Policy {
  const { statements, faults } = read(document, kind);
  const [first] = faults;
  if (first !== undefined) throw new MalformedPolicyDocument(`${first.message} (${first.path.join('.')})`);
  return statements;
}

function read(document: PolicyDocument, kind: Kind): { statements: Statement[]; faults: Fault[] } {
  // Without a Version it is the older language (reference_policies_elements_version.html).
  const version = document.Version ?? '2008-10-17';
  const faults: Fault[] = [];
  const statements = document.Statement.map((statement, index) =>
    readStatement(statement, version, kind, (element, message) =>
      faults.push({ path: ['Statement', index, ...element.split('.')], message }),
    ),
  );
  const sids = document.Statement.flatMap(({ Sid }) => Sid || []);
  if (new Set(sids).size < sids.length) {
    faults.push({
      path: ['Statement'],
      message: 'Duplicate statement IDs are not supported for this policy type. Update the Sid value.',
    });
  }
  // "The id_block is allowed in resource-based policies, but not in identity-based policies."
  if (kind === 'identity' && document.Id !== undefined)
    faults.push({ path: ['Id'], message: 'The policy element Id is not valid.' });
  return { statements, faults };
}

type Report = (element: string, message: string) => void;

function readStatement(
  written: StatementElement,
  version: LanguageVersion,
  kind: Kind,
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

function readActions(written: StatementElement, kind: Kind, report: Report): Selection<string> {
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
      // What IAM answers CreateRole and UpdateAssumeRolePolicy with.
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
