/**
 * Every way a task can fail, as a closed list. docs/troubleshooting.md has a section under each code's name; a
 * test holds the two lists together.
 */
export const errorCodes = [
  'ACCESS_DENIED',
  'ACCOUNT_NOT_ALLOWED',
  'AUDIENCE_REFUSED',
  'CANCELLED',
  'CLAIM_REFUSED',
  'CONNECTION_INVALID',
  'DURATION_TOO_LONG',
  'HAND_OFF_FAILED',
  'ID_TOKEN_EXPIRED',
  'ID_TOKEN_MALFORMED',
  'ID_TOKEN_NO_REFERENCE',
  'ID_TOKEN_NOT_ISSUED_HERE',
  'ID_TOKEN_NOT_YET_VALID',
  'ID_TOKEN_REFUSED',
  'ID_TOKEN_UNVERIFIED',
  'ID_TOKEN_WRONG_SUBJECT',
  'INPUT_INVALID',
  'INTERNAL',
  'MANAGED_IDENTITY_REFUSED',
  'NODE_TOO_OLD',
  'NO_CREDENTIALS',
  'PROVIDER_MISSING',
  'PROXY_REFUSED',
  'REGION_DISABLED',
  'REQUEST_REFUSED',
  'SERVICE_UNAVAILABLE',
  'SERVICE_UNREACHABLE',
  'SESSION_POLICY_TOO_LARGE',
  'TLS_UNTRUSTED',
] as const;

export type ErrorCode = (typeof errorCodes)[number];
