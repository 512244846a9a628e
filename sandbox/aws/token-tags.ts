/** Session tags and source identity that an ID token brings along. */
import { z } from 'zod';
import { AwsError } from './errors.ts';
import type { Claims } from './id-token.ts';
import { limits } from './limits.ts';
import type { SessionTags } from './role-session.ts';
import { tagText } from './tag-text.ts';

export interface TokenTags extends SessionTags {
  readonly sourceIdentity?: string;
}

const prefix = 'https://aws.amazon.com/';

const tagKey = z.string().min(limits.tagKey.least).max(limits.tagKey.most).regex(tagText.key.expression);
const tagValue = z.string().max(limits.tagValue.most).regex(tagText.value.expression);

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_adding-assume-role-idp */
const schema = z.strictObject({
  tags: z
    .strictObject({
      // "You must pass a single value for each session tag."
      principal_tags: z.record(tagKey, z.tuple([tagValue])).default({}),
      transitive_tag_keys: z.array(tagKey).max(limits.transitiveTagKeys.most).default([]),
    })
    .optional(),
  source_identity: z
    .string()
    .min(limits.sourceIdentity.least)
    .max(limits.sourceIdentity.most)
    .regex(/^(?!aws:)[\w+=,.@-]*$/)
    .optional(),
});

/** Reads the claims under `https://aws.amazon.com/`; one that is not known is refused, not passed over. Throws AwsError. */
export function readTokenTags(claims: Claims): TokenTags {
  const ours = Object.entries(claims)
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, value]) => [name.slice(prefix.length), value]);
  const read = schema.safeParse(Object.fromEntries(ours));
  if (!read.success)
    throw new AwsError('InvalidIdentityToken', 400, z.prettifyError(read.error), { cause: read.error });
  const { tags, source_identity: sourceIdentity } = read.data;
  const given = Object.entries(tags?.principal_tags ?? {}).map(([key, [value]]) => [key, value] as const);
  if (given.length > limits.tags.most) {
    throw new AwsError(
      'InvalidIdentityToken',
      400,
      `A token brings at most ${limits.tags.most} session tags.`,
    );
  }
  return {
    tags: new Map(given),
    transitiveKeys: tags?.transitive_tag_keys ?? [],
    ...(sourceIdentity === undefined ? {} : { sourceIdentity }),
  };
}
