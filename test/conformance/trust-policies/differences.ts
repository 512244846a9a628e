/**
 * Where the sandbox refuses what ministack accepts, the code it refuses with, and the document that says so. A
 * difference that stands in no row fails the test, and so does a row that no case shows.
 */
const guide = 'https://docs.aws.amazon.com/IAM/latest/UserGuide';
const api = 'https://docs.aws.amazon.com/STS/latest/APIReference';
const checks = `${guide}/access-analyzer-reference-policy-checks.html`;

const difference = (code: string, document: string) => ({ code, document });

export const differences = {
  'token expired': difference(
    'ExpiredTokenException',
    `${api}/API_AssumeRoleWithWebIdentity.html#API_AssumeRoleWithWebIdentity_Errors`,
  ),
  'token not yet valid': difference(
    'ExpiredTokenException',
    'https://www.rfc-editor.org/rfc/rfc7519#section-4.1.5',
  ),
  'audience is no client ID of the provider': difference(
    'InvalidIdentityToken',
    `${guide}/id_roles_providers_create_oidc.html`,
  ),
  'provider not registered': difference(
    'InvalidIdentityToken',
    `${guide}/id_roles_providers_create_oidc.html`,
  ),
  'issuer with a trailing slash': difference(
    'InvalidIdentityToken',
    `${guide}/id_roles_providers_create_oidc.html`,
  ),
  'authorized party': difference(
    'AccessDenied',
    `${guide}/reference_policies_iam-condition-keys.html#condition-keys-wif`,
  ),
  'token without subject': difference(
    'InvalidIdentityToken',
    'https://openid.net/specs/openid-connect-core-1_0.html#IDToken',
  ),
  'role session name': difference(
    'ValidationError',
    `${api}/API_AssumeRoleWithWebIdentity.html#API_AssumeRoleWithWebIdentity_RequestParameters`,
  ),
  duration: difference(
    'ValidationError',
    `${api}/API_AssumeRoleWithWebIdentity.html#API_AssumeRoleWithWebIdentity_RequestParameters`,
  ),
  'duration of a chained session': difference(
    'ValidationError',
    `${guide}/id_roles.html#iam-term-role-chaining`,
  ),
  'parameter of another call': difference(
    'InvalidQueryParameter',
    `${api}/API_AssumeRoleWithWebIdentity.html#API_AssumeRoleWithWebIdentity_RequestParameters`,
  ),
  'role path': difference('AccessDenied', `${guide}/reference_identifiers.html#identifiers-arns`),
  'operator spelling': difference(
    'MalformedPolicyDocument',
    `${checks}#access-analyzer-reference-policy-checks-error-invalid-condition-operator`,
  ),
  'key in two spellings': difference(
    'MalformedPolicyDocument',
    `${checks}#access-analyzer-reference-policy-checks-error-duplicate-keys-with-different-case`,
  ),
  'key that does not exist': difference(
    'MalformedPolicyDocument',
    `${checks}#access-analyzer-reference-policy-checks-error-invalid-global-condition-key`,
  ),
  'action of another service': difference(
    'MalformedPolicyDocument',
    `${checks}#access-analyzer-reference-policy-checks-error-unsupported-action-in-policy`,
  ),
  'wildcard in a principal': difference(
    'MalformedPolicyDocument',
    `${checks}#access-analyzer-reference-policy-checks-error-unsupported-wildcard-in-principal`,
  ),
  'case of a principal': difference(
    'AccessDenied',
    `${guide}/reference_policies_elements_principal.html#principal-users`,
  ),
  'Deny for every AWS principal': difference(
    'AccessDenied',
    `${guide}/reference_policies_elements_principal.html#principal-anonymous`,
  ),
  'multivalued key without qualifier': difference(
    'AccessDenied',
    `${checks}#access-analyzer-reference-policy-checks-error-missing-qualifier`,
  ),
  'empty value with a qualifier': difference(
    'AccessDenied',
    `${guide}/reference_policies_multi-value-conditions.html#reference_policies_multi-key-or-value-conditions`,
  ),
  'policy variable': difference('AccessDenied', `${guide}/reference_policies_variables.html`),
  'keys of a principal that is not one yet': difference(
    'AccessDenied',
    `${guide}/reference_policies_condition-keys.html#condition-keys-principal-properties`,
  ),
  'other claims of a token': difference(
    'AccessDenied',
    `${guide}/reference_policies_iam-condition-keys.html#condition-keys-wif`,
  ),
} as const satisfies Record<string, { readonly code: string; readonly document: string }>;

export type Difference = keyof typeof differences;
