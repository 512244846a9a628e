/** Condition keys that every AssumeRole call has, whoever makes it. */
import type { ContextValue } from './iam/request-context.ts';
import type { SessionTags } from './role-session.ts';
import type { StsCall } from './sts-call.ts';

/**
 * Keys of the request itself.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html and, for STS,
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-sts
 */
export function requestKeys(
  { surroundings, request, endpoint }: StsCall,
  sessionName: string,
  { tags, transitiveKeys, sourceIdentity }: SessionTags & { readonly sourceIdentity?: string },
): (readonly [string, ContextValue | undefined])[] {
  const now = surroundings.now();
  return [
    ['aws:CurrentTime', now.toISOString()],
    ['aws:EpochTime', String(Math.floor(now.getTime() / 1000))],
    ['aws:SecureTransport', 'true'],
    ['aws:RequestedRegion', endpoint.region],
    ['aws:UserAgent', request.headers['user-agent']],
    // Everybody in the sandbox calls from the machine itself.
    ['aws:SourceIp', '127.0.0.1'],
    ['aws:TagKeys', [...tags.keys()]],
    ...[...tags].map(([key, value]) => [`aws:RequestTag/${key}`, value] as const),
    ['sts:RoleSessionName', sessionName],
    ['sts:TransitiveTagKeys', transitiveKeys],
    ['sts:SourceIdentity', sourceIdentity],
  ];
}
