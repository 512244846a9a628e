/**
 * The grammar of IAM policy documents: what they are made of, before anything is made of it.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */
import { z } from 'zod';

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

/** A policy document of any kind. */
export const documentElement = z.strictObject({
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
/** One of its statements. */
export type StatementElement = PolicyDocument['Statement'][number];
