/**
 * The condition keys there are. What a key is worth in a request is the request's business; here a policy's keys are
 * told from misspelt ones.
 */

/** Condition keys of STS (reference_policies_iam-condition-keys.html#condition-keys-sts). */
const stsKeys = new Set([
  'sts:awsservicename',
  'sts:durationseconds',
  'sts:externalid',
  'sts:requestcontextproviders',
  'sts:rolesessionname',
  'sts:sourceidentity',
  'sts:taskpolicyarn',
  'sts:transitivetagkeys',
]);

/** Global condition keys (reference_policies_condition-keys.html). */
const globalKeys = new Set(
  [
    'CalledVia CalledViaFirst CalledViaLast CurrentTime Ec2InstanceSourcePrivateIPv4 Ec2InstanceSourceVpc EpochTime',
    'FederatedProvider MultiFactorAuthAge MultiFactorAuthPresent PrincipalAccount PrincipalArn PrincipalIsAWSService',
    'PrincipalOrgID PrincipalOrgPaths PrincipalServiceName PrincipalServiceNamesList PrincipalType Referer',
    'RequestedRegion ResourceAccount ResourceOrgID ResourceOrgPaths SecureTransport SourceAccount SourceArn',
    'SourceIdentity SourceIp SourceOrgID SourceOrgPaths SourceVpc SourceVpce TagKeys TokenIssueTime UserAgent userid',
    'username ViaAWSService VpcSourceIp',
  ]
    .join(' ')
    .split(' ')
    .map((name) => `aws:${name.toLowerCase()}`),
);

/** Claims of an ID token that STS gives to policies (#condition-keys-wif). */
const providerClaims = new Set(['aud', 'azp', 'sub', 'amr', 'oaud', 'email']);

/**
 * What is wrong with the name of a condition key, if anything is. A key that does not exist is refused: were it only
 * absent from every request, a negated condition on it would always hold. Keys of services other than STS are taken
 * as they are, for the identity policies that use them.
 * Texts: https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html, the checks
 * "Invalid condition key format", "Missing tag key in condition", "Invalid global condition key", "Invalid service
 * condition key".
 */
export function faultOfKey(key: string): string | undefined {
  const name = key.toLowerCase();
  // A tag's key may hold colons of its own.
  if (/^(aws:(principaltag|requesttag|resourcetag)|iam:resourcetag)\/./.test(name)) return undefined;
  const tagPrefix = /^(aws:(principaltag|requesttag|resourcetag)|iam:resourcetag)\/?$/.test(name);
  if (tagPrefix) {
    return `The condition key ${key} must include a tag key to control access based on tags. Use the format ${key}tag-key and specify a key name for tag-key.`;
  }
  const colon = name.lastIndexOf(':');
  if (colon <= 0 || colon === name.length - 1) {
    return 'The condition key format is not valid. Use the format service:keyname.';
  }
  const service = name.slice(0, colon);
  if (service === 'aws') {
    return globalKeys.has(name)
      ? undefined
      : `The condition key ${key} does not exist. Use a valid condition key.`;
  }
  if (service === 'sts' && !stsKeys.has(name)) return noSuchKey(key, service);
  // The URL of an identity provider without its scheme: a host name, and perhaps a path.
  if (service.includes('.') && !providerClaims.has(name.slice(colon + 1))) return noSuchKey(key, service);
  return undefined;
}

const noSuchKey = (key: string, service: string) =>
  `The condition key ${key} does not exist in the service ${service}. Use a valid condition key.`;
