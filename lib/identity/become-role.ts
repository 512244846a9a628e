import type { Task } from '../agent/index.ts';
import type { AwsCredentials, CallerIdentity } from '../aws/index.ts';
import { DeliveryError } from '../errors/index.ts';
import { checkAccountAllowed } from './allowed-accounts.ts';
import type { Federation, Leg, Session } from './federation.ts';
import type { FederationSettings } from './federation-settings.ts';
import { effectiveAudience, type IdTokenClaims } from './tokens/id-token.ts';
import { issuerRetirement } from './tokens/issuer-retirement.ts';

/** Who a task has become. */
export interface RoleIdentity {
  readonly credentials: AwsCredentials;
  /** As AWS says it: a role's session, or a user. */
  readonly arn: string;
  readonly accountId: string;
  /** Of the ID token, where one was the origin. */
  readonly claims: IdTokenClaims | undefined;
}

/**
 * The part of the story that all tasks share: the way to the role, leg by leg, and the proof; each a section of the
 * log.
 * @throws DeliveryError that says what to do
 */
export async function becomeRole(
  task: Task,
  federation: Federation,
  settings: FederationSettings,
): Promise<RoleIdentity> {
  const target = settings.roles.at(-1);
  if (target) checkAccountAllowed(target.accountId, settings.allowedAccounts);

  let claims: IdTokenClaims | undefined;
  for (const leg of federation.legs) {
    await task.step(leg.title, async () => {
      const reached = await leg.take();
      claims ??= reached.claims;
      task.facts({
        ...(reached.claims ? claimFacts(reached.claims) : {}),
        ...(reached.session ? { session: sessionText(reached.session) } : {}),
      });
      const retirement = reached.claims && issuerRetirement(reached.claims);
      if (retirement) task.log.info(retirement);
    });
  }
  const caller = await task.step('Ask AWS who this is', async () => {
    const identity = await federation.callerIdentity();
    task.facts({ account: identity.accountId, identity: identity.arn });
    checkAccountAllowed(identity.accountId, settings.allowedAccounts);
    return identity;
  });
  return { ...caller, credentials: federation.session().credentials, claims };
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
  let caller: CallerIdentity | undefined;
  const checks: Check[] = [
    ...federation.legs.map((leg) => ({ title: leg.title, try: () => checkLeg(task, leg) })),
    {
      title: 'Ask AWS who this is',
      try: async () => {
        caller = await federation.callerIdentity();
        return caller.arn;
      },
    },
    {
      title: 'Account is allowed',
      try: async () => {
        const accountId = caller?.accountId ?? '';
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

async function checkLeg(task: Task, leg: Leg): Promise<string> {
  const { claims, session } = await leg.take();
  if (claims) task.facts(claimFacts(claims));
  return session ? sessionText(session) : (claims?.subject ?? '');
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

function sessionText({ assumedRoleArn, credentials }: Session): string {
  const who = assumedRoleArn ?? `access key ${credentials.accessKeyId}`;
  return credentials.expiration ? `${who}, until ${credentials.expiration.toISOString()}` : who;
}
