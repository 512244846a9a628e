/** The trust that the documents set up: whose claims, which role, and whether the task then becomes it. */
import assert from 'node:assert/strict';
import { parseRoleArn, type RoleArn } from '../../lib/aws/index.ts';
import type { IdTokenClaims } from '../../lib/identity/tokens/id-token.ts';
import { trustPolicySchema } from '../../sandbox/aws/iam/policy-document.ts';
import { connectionClaims } from '../../sandbox/azure-devops/claims.ts';
import type { Connection } from '../../sandbox/world.ts';
import { documentsWorld, runExample } from './example-run.ts';
import { plainPipeline } from './scenarios.ts';

export const deployer = parseRoleArn('arn:aws:iam::111122223333:role/deployer') as RoleArn;

/** The claims of aws-production's tokens, as the sandbox makes them. */
export async function claimsOf(issuer: Connection['issuer']): Promise<IdTokenClaims> {
  const world = await documentsWorld();
  const connection = world.connections['aws-production'];
  assert.ok(connection);
  const claims = connectionClaims(world, 'aws-production', { ...connection, issuer }, new Date());
  return {
    issuer: String(claims.iss),
    subject: String(claims.sub),
    audience: String(claims.aud),
    authorizedParty: claims.azp === undefined ? undefined : String(claims.azp),
    issuedAt: undefined,
    notBefore: undefined,
    expiresAt: new Date(Number(claims.exp) * 1000),
  };
}

/** An IAM account as an example leaves it. */
export interface Trust {
  /** Client IDs by the provider's URL. */
  readonly providers: Readonly<Record<string, readonly string[]>>;
  readonly trustPolicy: unknown;
}

/** Runs AwsFederate against a role with this trust, with tokens of the issuer. @throws AssertionError where it fails */
export async function assertFederates(
  { providers, trustPolicy }: Trust,
  issuer: Connection['issuer'],
): Promise<void> {
  const world = await documentsWorld();
  const [connection, account] = [world.connections['aws-production'], world.accounts['111122223333']];
  assert.ok(connection && account?.roles.deployer);
  connection.issuer = issuer;
  account.oidcProviders = Object.entries(providers).map(([url, clientIds]) => ({
    url,
    clientIds: [...clientIds],
  }));
  account.roles.deployer.trustPolicy = trustPolicySchema.parse(trustPolicy);
  const { record, lines } = await runExample({ text: plainPipeline }, world);
  assert.equal(record.result, 'Succeeded', lines.join('\n'));
}
