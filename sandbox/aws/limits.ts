/**
 * Limits of STS and IAM, with the document each is from. The sandbox takes as much as a limit allows and not one more.
 */

export interface Limit {
  readonly least: number;
  readonly most: number;
  readonly document: string;
}

const api = 'https://docs.aws.amazon.com/STS/latest/APIReference';
const guide = 'https://docs.aws.amazon.com/IAM/latest/UserGuide';

const webIdentity = `${api}/API_AssumeRoleWithWebIdentity.html`;
const assumeRole = `${api}/API_AssumeRole.html`;
const quotas = `${guide}/reference_iam-quotas.html`;
const sessionTags = `${guide}/id_session-tags.html`;

const limit = (least: number, most: number, document: string): Limit => ({ least, most, document });

/** Lengths are in characters, durations in seconds. */
export const limits = {
  roleArn: limit(20, 2048, webIdentity),
  roleSessionName: limit(2, 64, webIdentity),
  webIdentityToken: limit(4, 20_000, webIdentity),
  /** `DurationSeconds`, before the role's own maximum. */
  durationSeconds: limit(900, 43_200, webIdentity),
  /** Inline session policy, and it together with the managed ones' ARNs. */
  sessionPolicy: limit(1, 2048, webIdentity),
  /** Managed session policies. */
  policyArns: limit(0, 10, webIdentity),
  policyArn: limit(20, 2048, `${api}/API_PolicyDescriptorType.html`),
  /** `SubjectFromWebIdentityToken` */
  subject: limit(6, 255, webIdentity),
  externalId: limit(2, 1224, assumeRole),
  sourceIdentity: limit(2, 64, assumeRole),
  /** Of an MFA device, and its code. */
  serialNumber: limit(9, 256, assumeRole),
  tokenCode: limit(6, 6, assumeRole),
  tags: limit(0, 50, sessionTags),
  tagKey: limit(1, 128, sessionTags),
  tagValue: limit(0, 256, sessionTags),
  transitiveTagKeys: limit(0, 50, assumeRole),
  /** Seconds of a session that was got with another role's session. */
  chainedDuration: limit(900, 3600, `${guide}/id_roles.html#iam-term-role-chaining`),
  /** Keys of one kind in an issuer's key set. */
  keysOfOneKind: limit(
    1,
    100,
    `${guide}/id_roles_providers_create_oidc.html#manage-oidc-provider-prerequisites`,
  ),
  /** Role trust policy, characters without white space. */
  trustPolicy: limit(0, 2048, quotas),
  /** All inline policies of a role, characters without white space. */
  rolePolicies: limit(0, 10_240, quotas),
  /** All inline policies of a user, characters without white space. */
  userPolicies: limit(0, 2048, quotas),
} as const satisfies Record<string, Limit>;
