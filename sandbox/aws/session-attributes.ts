/** Session tags and source identity: what a call says about the session it wants. */
import { z } from 'zod';
import { AwsError } from './errors.ts';
import type { Claims } from './id-token.ts';
import { limits } from './limits.ts';
import type { Parameters } from './parameters.ts';
import { nameText } from './role-request.ts';

export interface SessionAttributes {
  readonly tags: ReadonlyMap<string, string>;
  /** Keys of tags that pass on to the sessions which this one opens. */
  readonly transitiveKeys: readonly string[];
  readonly sourceIdentity: string | undefined;
}

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_Tag.html */
const keyText = { expression: /^[\p{L}\p{Z}\p{N}_.:/=+\-@]+$/u, shown: '[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+' };
const valueText = { expression: /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u, shown: '[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*' };

const invalidParameterValue = (message: string) => new AwsError('InvalidParameterValue', 400, message);

/** The parameters of AssumeRole as written; `sessionAttributes` makes sense of them. */
export function readAttributeParameters(parameters: Parameters) {
  return {
    tags: parameters.structures('Tags', limits.tags, {
      Key: { length: limits.tagKey, pattern: keyText },
      Value: { length: limits.tagValue, pattern: valueText },
    }),
    transitiveKeys: parameters.texts('TransitiveTagKeys', limits.transitiveTagKeys, {
      length: limits.tagKey,
      pattern: keyText,
    }),
    sourceIdentity: parameters.optional('SourceIdentity', {
      length: limits.sourceIdentity,
      pattern: nameText,
    }),
  };
}

/**
 * What the parameters of AssumeRole come to. Throws AwsError.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html#API_AssumeRole_RequestParameters
 */
export function sessionAttributes({
  tags,
  transitiveKeys,
  sourceIdentity,
}: ReturnType<typeof readAttributeParameters>): SessionAttributes {
  const folded = tags.map(({ Key }) => Key.toLowerCase());
  if (new Set(folded).size < folded.length) {
    throw invalidParameterValue('Duplicate tag keys found. Please note that Tag keys are case insensitive.');
  }
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html#id_tags_rules_creating
  if (folded.some((key) => key.startsWith('aws:'))) {
    throw invalidParameterValue('Tag keys cannot begin with aws:.');
  }
  if (!transitiveKeys.every((key) => folded.includes(key.toLowerCase()))) {
    throw invalidParameterValue('The specified transitive tag key must be included in the requested tags.');
  }
  return { tags: new Map(tags.map(({ Key, Value }) => [Key, Value])), transitiveKeys, sourceIdentity };
}

/** Attributes of a session opened by another: its own, and what passes on from the caller's. Throws AwsError. */
export function inheritAttributes(passed: SessionAttributes, callers: SessionAttributes): SessionAttributes {
  const transitive = new Set(callers.transitiveKeys.map((key) => key.toLowerCase()));
  const inherited = [...callers.tags].filter(([key]) => transitive.has(key.toLowerCase()));
  // "If you pass a session tag with the same key as an inherited tag, the operation fails."
  if ([...passed.tags.keys()].some((key) => transitive.has(key.toLowerCase()))) {
    throw invalidParameterValue(
      "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
    );
  }
  return {
    tags: new Map([...inherited, ...passed.tags]),
    transitiveKeys: [...inherited.map(([key]) => key), ...passed.transitiveKeys],
    // "After the source identity is set, the value cannot be changed."
    sourceIdentity: callers.sourceIdentity ?? passed.sourceIdentity,
  };
}

const claimPrefix = 'https://aws.amazon.com/';

const tagKey = z.string().min(limits.tagKey.least).max(limits.tagKey.most).regex(keyText.expression);
const tagValue = z.string().max(limits.tagValue.most).regex(valueText.expression);

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_adding-assume-role-idp */
const attributeClaims = z.strictObject({
  tags: z
    .strictObject({
      // "You must pass a single value for each session tag."
      principal_tags: z.record(tagKey, z.tuple([tagValue])).default({}),
      transitive_tag_keys: z.array(tagKey).max(limits.transitiveTagKeys.most).default([]),
    })
    .refine(
      ({ principal_tags: tags }) => Object.keys(tags).length <= limits.tags.most,
      `A token brings at most ${limits.tags.most} session tags.`,
    )
    .default({ principal_tags: {}, transitive_tag_keys: [] }),
  source_identity: z
    .string()
    .min(limits.sourceIdentity.least)
    .max(limits.sourceIdentity.most)
    .regex(nameText.expression)
    .optional(),
});

/** Attributes that an ID token brings along. A claim for AWS that is not known is refused. Throws AwsError. */
export function attributesOf(claims: Claims): SessionAttributes {
  const forAws = Object.entries(claims)
    .filter(([name]) => name.startsWith(claimPrefix))
    .map(([name, value]) => [name.slice(claimPrefix.length), value]);
  const read = attributeClaims.safeParse(Object.fromEntries(forAws));
  if (!read.success) {
    throw new AwsError('InvalidIdentityToken', 400, z.prettifyError(read.error), { cause: read.error });
  }
  const { tags, source_identity: sourceIdentity } = read.data;
  const values = Object.entries(tags.principal_tags).map(([key, [value]]) => [key, value] as const);
  return { tags: new Map(values), transitiveKeys: tags.transitive_tag_keys, sourceIdentity };
}

/**
 * The actions that a call needs: its own, and one for each kind of attribute, inherited ones too.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_permissions-required
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html#id_credentials_temp_control-access_monitor-perms
 */
export function neededActions(action: string, { tags, sourceIdentity }: SessionAttributes): string[] {
  return [
    action,
    ...(tags.size > 0 ? ['sts:TagSession'] : []),
    ...(sourceIdentity === undefined ? [] : ['sts:SetSourceIdentity']),
  ];
}
