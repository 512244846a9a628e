/**
 * Claims of the ID tokens that Azure DevOps hands to jobs, in both of their forms.
 *
 * https://learn.microsoft.com/azure/devops/pipelines/release/configure-workload-identity describes issuer and subject
 * of each; times and the other claims are those of tokens seen.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import type { Connection, World } from '../world.ts';

/** Claims of a token, times in seconds. */
export type Claims = Readonly<Record<string, string | number>>;

/** Who vouches for a token. */
export type IssuerName = Connection['issuer'] | 'entraV1';

/** The application id of Azure DevOps in every Entra tenant. */
const azureDevOpsApplication = '499b84ac-1321-427f-aa17-267ca6975798';
/** The application id of "Azure AD Token Exchange", which v2.0 tokens carry in place of its URI. */
const tokenExchangeApplication = 'fb60f99c-7a34-4190-8149-302f77469936';
const tokenExchangeUri = 'api://AzureADTokenExchange';

/** URL of an issuer, as it stands in `iss`. */
export function issuerUrl(name: IssuerName, { organization }: World): string {
  switch (name) {
    case 'vstoken':
      return `https://vstoken.dev.azure.com/${organization.id}`;
    case 'entra':
      return `https://login.microsoftonline.com/${organization.tenant}/v2.0`;
    case 'entraV1':
      // With the slash, which is part of the value (https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference).
      return `https://sts.windows.net/${organization.tenant}/`;
  }
}

/** Claims of a service connection's token, with what the world overrides on purpose. */
export function connectionClaims(world: World, name: string, connection: Connection, now: Date): Claims {
  const claims =
    connection.issuer === 'vstoken'
      ? vstokenClaims(world, `sc://${world.organization.name}/${world.project.name}/${name}`, now)
      : entraClaims(world, connection, now);
  return {
    ...claims,
    ...(connection.audience !== undefined && { aud: connection.audience }),
    ...(connection.subject !== undefined && { sub: connection.subject }),
    ...(connection.authorizedParty !== undefined && { azp: connection.authorizedParty }),
    ...(connection.lifetime !== undefined && { exp: seconds(now) + connection.lifetime }),
  };
}

/** Claims of the token that a job gets when it names no connection. */
export function pipelineClaims(world: World, pipeline: string, now: Date): Claims {
  const { organization, project } = world;
  return {
    ...vstokenClaims(world, `p://${organization.name}/${project.name}/${pipeline}`, now),
    org_id: organization.id,
    prj_id: project.id,
  };
}

function vstokenClaims(world: World, subject: string, now: Date): Claims {
  const iat = seconds(now);
  return {
    jti: randomUUID(),
    sub: subject,
    aud: tokenExchangeUri,
    iss: issuerUrl('vstoken', world),
    nbf: iat - 10 * 60,
    exp: iat + 5 * 60,
    iat,
  };
}

function entraClaims(world: World, connection: Connection, now: Date): Claims {
  const { organization } = world;
  const issued = seconds(now) - 5 * 60;
  const tenant = guidBytes(organization.tenant).toString('base64url');
  const application = guidBytes(azureDevOpsApplication).toString('base64url');
  return {
    aud: tokenExchangeApplication,
    iss: issuerUrl('entra', world),
    iat: issued,
    nbf: issued,
    exp: seconds(now) + 24 * 60 * 60,
    azp: azureDevOpsApplication,
    azpacr: '2',
    idtyp: 'app',
    sub: `/eid1/c/pub/t/${tenant}/a/${application}/sc/${organization.id}/${connection.id}`,
    tid: organization.tenant,
    uti: randomBytes(16).toString('base64url'),
    ver: '2.0',
  };
}

const seconds = (at: Date) => Math.floor(at.getTime() / 1000);

/** A GUID in the byte order Microsoft stores it in: the first three groups little-endian ([MS-DTYP] §2.3.4.2). */
function guidBytes(guid: string): Buffer {
  const bytes = Buffer.from(guid.replaceAll('-', ''), 'hex');
  bytes.subarray(0, 4).reverse();
  bytes.subarray(4, 6).reverse();
  bytes.subarray(6, 8).reverse();
  return bytes;
}
