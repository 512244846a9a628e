import type { Task } from '../agent/index.ts';
import type { RoleArn, SessionCredentials } from '../aws/index.ts';
import { DeliveryError } from '../errors/index.ts';
import type { Federation, Session } from './federation.ts';
import { checkAccountAllowed, type FederationSettings } from './federation-settings.ts';
import { effectiveAudience, type IdTokenClaims } from './id-token.ts';

/** Who a task has become. */
export interface RoleIdentity {
  readonly credentials: SessionCredentials;
  readonly assumedRoleArn: string;
  readonly accountId: string;
  readonly claims: IdTokenClaims;
}

/**
 * The part of the story that all tasks share: ID token, role, chained roles, proof; each a section of the log.
 * @throws DeliveryError that says what to do
 */
export async function becomeRole(
  task: Task,
  federation: Federation,
  settings: FederationSettings,
): Promise<RoleIdentity> {
  checkAccountAllowed(targetRole(settings).accountId, settings.allowedAccounts);

  const { claims } = await task.step('Get an ID token for the service connection', async () => {
    const token = await federation.idToken();
    task.facts(claimFacts(token.claims));
    return token;
  });

  let session = await task.step(`Assume ${settings.role.arn} in ${settings.region}`, async () => {
    const assumed = await federation.assumeRole();
    printSession(task, assumed);
    return assumed;
  });
  for (const [from, to] of hops(settings)) {
    session = await task.step(`Assume ${to.arn} as ${from.roleName}`, async () => {
      const assumed = await federation.assumeNextRole(from, session, to);
      printSession(task, assumed);
      return assumed;
    });
  }

  const caller = await task.step('Ask AWS who this is', async () => {
    const identity = await federation.callerIdentity(session);
    task.facts({ account: identity.accountId, identity: identity.arn });
    checkAccountAllowed(identity.accountId, settings.allowedAccounts);
    return identity;
  });
  return { ...session, assumedRoleArn: caller.arn, accountId: caller.accountId, claims };
}

/**
 * `checkOnly`: tries everything a federation needs, one thing after the other, and shows the outcome as one table.
 * Assuming a role changes nothing in AWS. Returns the sentence that says the outcome.
 * @throws DeliveryError the first fault, after the table
 */
export async function checkFederation(
  task: Task,
  federation: Federation,
  settings: FederationSettings,
): Promise<string> {
  let session: Session | undefined;
  const assumed = () => session as Session;
  const checks: Check[] = [
    {
      title: 'ID token for the service connection',
      try: async () => {
        const { claims } = await federation.idToken();
        task.facts(claimFacts(claims));
        return claims.subject;
      },
    },
    {
      title: `assume ${settings.role.arn}`,
      try: async () => {
        session = await federation.assumeRole();
        return sessionText(session);
      },
    },
    ...hops(settings).map(([from, to]) => ({
      title: `assume ${to.arn} as ${from.roleName}`,
      try: async () => {
        session = await federation.assumeNextRole(from, assumed(), to);
        return sessionText(session);
      },
    })),
    {
      title: 'AWS knows the session',
      try: async () => (await federation.callerIdentity(assumed())).arn,
    },
    {
      title: 'account is allowed',
      try: async () => {
        const { accountId } = targetRole(settings);
        checkAccountAllowed(accountId, settings.allowedAccounts);
        return settings.allowedAccounts.length > 0 ? accountId : `${accountId} (no list of allowed accounts)`;
      },
    },
  ];
  return task.step('Check, changing nothing', () => runChecks(task, checks));
}

interface Check {
  readonly title: string;
  /** Returns what was found; throws what is missing. */
  readonly try: () => Promise<string>;
}

/** Runs the checks in order; after the first fault the rest cannot be tried and is shown as such. */
async function runChecks(task: Task, checks: readonly Check[]): Promise<string> {
  const rows = [['Check', 'Result', 'Detail']];
  let fault: DeliveryError | undefined;
  for (const check of checks) {
    if (fault) {
      rows.push([check.title, 'not tried', '']);
      continue;
    }
    try {
      rows.push([check.title, 'ok', await check.try()]);
    } catch (error) {
      if (!(error instanceof DeliveryError)) throw error;
      fault = error;
      rows.push([check.title, 'missing', error.code]);
    }
  }
  task.table('What this step needs, and whether it is there:', rows);
  if (fault) throw fault;
  return `All ${checks.length} checks passed; nothing was changed.`;
}

/** The pairs of a chain: who assumes whom. */
function hops({ role, chain }: FederationSettings): [RoleArn, RoleArn][] {
  return chain.map((to, index) => [index === 0 ? role : (chain[index - 1] as RoleArn), to]);
}

function targetRole({ role, chain }: FederationSettings): RoleArn {
  return chain.at(-1) ?? role;
}

/** What a trust policy is written from. */
function claimFacts(claims: IdTokenClaims): Record<string, string> {
  const audience = claims.authorizedParty
    ? `${effectiveAudience(claims)} (the token's azp, which IAM compares; its aud is ${claims.audience})`
    : claims.audience;
  const seconds = claims.issuedAt && (claims.expiresAt.getTime() - claims.issuedAt.getTime()) / 1000;
  return {
    issuer: claims.issuer,
    subject: claims.subject,
    audience,
    'authorized party': claims.authorizedParty ?? 'none',
    'valid until': `${claims.expiresAt.toISOString()}${seconds ? ` (${seconds} s after it was issued)` : ''}`,
  };
}

function printSession(task: Task, session: Session): void {
  task.facts({ session: sessionText(session) });
}

function sessionText({ assumedRoleArn, credentials }: Session): string {
  return `${assumedRoleArn}, until ${credentials.expiration.toISOString()}`;
}
