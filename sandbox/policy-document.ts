/**
 * IAM policy documents as data: their grammar, not their meaning (sandbox/aws evaluates them).
 *
 * Grammar: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */
import { z } from 'zod';

const oneOrMore = z.union([z.string(), z.array(z.string()).min(1)], 'write a text or a list of texts');

/** Values of a condition: IAM takes JSON's booleans and numbers for texts. */
const scalar = z.union([z.string(), z.boolean(), z.number()]).transform(String);
const conditionValues = z.union([scalar, z.array(scalar)], 'write a text or a list of texts');
const condition = z.record(z.string(), z.record(z.string(), conditionValues));

const principal = z.union(
  [
    z.literal('*'),
    z.strictObject({
      AWS: oneOrMore.optional(),
      Federated: oneOrMore.optional(),
      Service: oneOrMore.optional(),
      CanonicalUser: oneOrMore.optional(),
    }),
  ],
  'write "*" or a map with AWS, Federated, Service or CanonicalUser',
);

const statement = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(['Allow', 'Deny'], 'write Allow or Deny'),
  Principal: principal.optional(),
  NotPrincipal: principal.optional(),
  Action: oneOrMore.optional(),
  NotAction: oneOrMore.optional(),
  Resource: oneOrMore.optional(),
  NotResource: oneOrMore.optional(),
  Condition: condition.optional(),
});

type Statement = z.infer<typeof statement>;

/** Exactly one of an element and its Not form. */
const exactlyOne = (one: keyof Statement, other: keyof Statement) =>
  [
    (s: Statement) => (s[one] === undefined) !== (s[other] === undefined),
    `write exactly one of ${one} and ${other}`,
  ] as const;

const without = (...elements: (keyof Statement)[]) =>
  [
    (s: Statement) => elements.every((element) => s[element] === undefined),
    `${elements.join(' and ')} cannot stand in this kind of policy; take it out`,
  ] as const;

/** IAM takes a single statement without its list. */
const statements = (kind: typeof statement) =>
  z.preprocess((value) => (Array.isArray(value) ? value : [value]), z.array(kind).min(1));

const document = (kind: typeof statement) =>
  z.strictObject({
    // "2008-10-17" is the older language without policy variables, and the default where no version stands.
    Version: z.enum(['2012-10-17', '2008-10-17'], 'write "2012-10-17" or "2008-10-17"').optional(),
    Id: z.string().optional(),
    Statement: statements(kind),
  });

/** A role's trust policy: it names principals, and its resource is the role itself. */
export const trustPolicySchema = document(
  statement
    .refine(...exactlyOne('Principal', 'NotPrincipal'))
    .refine(...exactlyOne('Action', 'NotAction'))
    .refine(...without('Resource', 'NotResource')),
);

/** An identity policy (a role's or user's permissions): it names resources, and its principal is its owner. */
export const identityPolicySchema = document(
  statement
    .refine(...exactlyOne('Action', 'NotAction'))
    .refine(...exactlyOne('Resource', 'NotResource'))
    .refine(...without('Principal', 'NotPrincipal')),
);

/** A policy document of either kind; a single statement has become a list of one. */
export type PolicyDocument = z.infer<typeof identityPolicySchema>;
/** One statement of a policy document. */
export type PolicyStatement = PolicyDocument['Statement'][number];
