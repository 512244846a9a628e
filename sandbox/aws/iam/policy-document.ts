/**
 * IAM policy documents: schemas for where they stand in a world, and their reading into policies. A document that IAM
 * would refuse, or the sandbox could not evaluate, is refused.
 */
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { type Limit, limits } from '../limits.ts';
import { documentElement, type PolicyDocument } from './policy-grammar.ts';
import { type PolicyKind, readStatement, type Statement } from './statement.ts';

/** A policy, ready to be evaluated. */
export type Policy = readonly Statement[];

/** Where in the document something is wrong, and what. */
interface Fault {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

const schemaOf = (kind: PolicyKind) =>
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

function readOrThrow(document: PolicyDocument, kind: PolicyKind): Policy {
  const { statements, faults } = read(document, kind);
  const [first] = faults;
  if (first !== undefined) throw new MalformedPolicyDocument(`${first.message} (${first.path.join('.')})`);
  return statements;
}

function read(document: PolicyDocument, kind: PolicyKind): { statements: Statement[]; faults: Fault[] } {
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
