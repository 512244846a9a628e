import type { IdTokenClaims } from './id-token.ts';

/**
 * What is known of the issuer that goes away, for connections that still have it (Azure DevOps documentation, "Workload
 * identity federation"); nothing is promised that Microsoft has not said.
 */
export function issuerRetirement(claims: IdTokenClaims): string | undefined {
  if (!claims.issuer.startsWith('https://vstoken.dev.azure.com/')) return undefined;
  return [
    'The issuer vstoken.dev.azure.com retires on 2027-07-01. Its successor is https://login.microsoftonline.com/TENANT/v2.0, with another subject and audience.',
    'Microsoft describes the change for workload-identity connections; for connections of this type its scope is not confirmed. A role can trust both issuers: docs/trust.md.',
  ].join('\n');
}
