import type { RoleArn } from '../../../lib/aws/index.ts';
import type { FederationSettings, SessionRestrictions } from '../../../lib/identity/federation-settings.ts';
import type { IdTokenClaims } from '../../../lib/identity/tokens/id-token.ts';
import type {
  AzureDevOpsSource,
  ManagedIdentitySource,
} from '../../../lib/identity/tokens/id-token-source.ts';

export const connectionId = '6c9a4a70-58d7-4ae8-a3a1-2a1d6b9c9e01';
export const organisation = '8a6e0c57-41b9-4d0e-9c3a-5f2d7e1b6a90';
export const tenant = '0b1f2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d';

export function roleNamed(name: string, accountId = '111122223333', partition = 'aws'): RoleArn {
  return { arn: `arn:${partition}:iam::${accountId}:role/${name}`, partition, accountId, roleName: name };
}

export const deployer = roleNamed('deployer');

/** The job's own token endpoint, asked for the connection. */
export const azureDevOps: AzureDevOpsSource = {
  kind: 'azureDevOps',
  url: 'https://dev.azure.com/contoso/oidctoken',
  connectionId,
  accessToken: 'job-token',
};

/** A virtual machine's user-assigned identity. */
export const managedIdentity: ManagedIdentitySource = {
  kind: 'managedIdentity',
  url: 'http://169.254.169.254/metadata/identity/oauth2/token',
  headers: { metadata: 'true' },
  apiVersion: '2018-02-01',
  resource: 'api://AzureADTokenExchange',
  clientId: '4d5e6f70-8192-4a3b-8c4d-5e6f708192a3',
};

export const unrestricted: SessionRestrictions = {
  tags: {},
  transitiveTagKeys: [],
  policy: undefined,
  policyArns: [],
};

export const settings: FederationSettings = {
  origin: { kind: 'idToken', source: azureDevOps },
  region: 'eu-west-1',
  roles: [deployer],
  externalId: undefined,
  sessionName: 'shop-build-42',
  sessionDuration: 3600,
  restrictions: unrestricted,
  allowedAccounts: [],
};

/** Payloads of ID tokens of the two issuers that a service connection can have. */
export const payloads = {
  vstoken: {
    iss: `https://vstoken.dev.azure.com/${organisation}`,
    sub: 'sc://contoso/shop/aws-production',
    aud: 'api://AzureADTokenExchange',
    iat: 1_795_000_000,
    nbf: 1_795_000_000,
    exp: 1_795_000_300,
  },
  entra: {
    iss: `https://login.microsoftonline.com/${tenant}/v2.0`,
    sub: `/eid1/c/pub/t/PSwfC19OaEqMfZ4PGis8TQ/a/m4Tkmf8nGkKqFyZ8ylOXWA/sc/${organisation}/${connectionId}`,
    aud: 'fb60f99c-7a34-4190-8149-302f77469936',
    azp: '499b84ac-1321-427f-aa17-267ca6975798',
    iat: 1_795_000_000,
    exp: 1_795_086_400,
  },
} as const;

export function jwtOf(payload: unknown): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'RS256', kid: 'k1' })}.${part(payload)}.c2lnbmF0dXJl`;
}

export const claims: Readonly<Record<keyof typeof payloads, IdTokenClaims>> = {
  vstoken: {
    issuer: payloads.vstoken.iss,
    subject: payloads.vstoken.sub,
    audience: payloads.vstoken.aud,
    authorizedParty: undefined,
    issuedAt: new Date(1_795_000_000_000),
    notBefore: new Date(1_795_000_000_000),
    expiresAt: new Date(1_795_000_300_000),
  },
  entra: {
    issuer: payloads.entra.iss,
    subject: payloads.entra.sub,
    audience: payloads.entra.aud,
    authorizedParty: payloads.entra.azp,
    issuedAt: new Date(1_795_000_000_000),
    notBefore: undefined,
    expiresAt: new Date(1_795_086_400_000),
  },
};
