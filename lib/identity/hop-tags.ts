import type { RoleArn } from '../aws/index.ts';
import type { FederationSettings } from './federation-settings.ts';

/** What one AssumeRole says of session tags. */
export interface HopTags {
  readonly tags: Readonly<Record<string, string>>;
  readonly transitiveTagKeys: readonly string[];
}

/**
 * Tags of the AssumeRole to a role. Transitive ones are set on the first hop that can carry them and inherited from
 * there: a later role that set them again would be refused (IAM User Guide, "Chaining roles with session tags"). The
 * others mark the last session only, the one that is handed on.
 */
export function tagsOfHop({ origin, roles, restrictions }: FederationSettings, to: RoleArn): HopTags {
  const { tags, transitiveTagKeys } = restrictions;
  const first = isFirstHop({ origin, roles }, to);
  const last = to === roles.at(-1);
  const wanted = Object.entries(tags).filter(([key]) => (transitiveTagKeys.includes(key) ? first : last));
  return { tags: Object.fromEntries(wanted), transitiveTagKeys: first ? transitiveTagKeys : [] };
}

/** Whether a role's trust policy must allow sts:TagSession: for tags of its own hop, and for those it inherits. */
export function isTagged(settings: FederationSettings, to: RoleArn): boolean {
  const inherits = settings.restrictions.transitiveTagKeys.length > 0 && !isFirstHop(settings, to);
  return inherits || Object.keys(tagsOfHop(settings, to).tags).length > 0;
}

/** The role of an ID token is assumed by another call, which carries no tags. */
function isFirstHop({ origin, roles }: Pick<FederationSettings, 'origin' | 'roles'>, to: RoleArn): boolean {
  return to === roles[origin.kind === 'idToken' ? 1 : 0];
}
