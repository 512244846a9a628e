import type { AwsCredentials, CallerIdentity, RoleArn, Sts } from '../aws/index.ts';
import type { Connections } from '../network/index.ts';
import type { FederationSettings } from './federation-settings.ts';
import { tagsOfHop } from './hop-tags.ts';
import { noCredentials } from './no-credentials.ts';
import { explainChainRefusal, explainProofRefusal, explainWebIdentityRefusal } from './refusals.ts';
import { stsCalls } from './sts-call.ts';
import type { IdTokenClaims } from './tokens/id-token.ts';
import type { IdTokenSource } from './tokens/id-token-source.ts';
import { keepIdToken } from './tokens/kept-id-token.ts';
import type { RequestOptions } from './tokens/request-id-token.ts';

/** Who one is towards AWS, at some point of the way. */
export interface Session {
  readonly credentials: AwsCredentials;
  /** Undefined for the first credentials of a machine or of a user, until AWS is asked. */
  readonly assumedRoleArn?: string | undefined;
}

/** One leg of the way to a session: what it is called, and what taking it finds out. */
export interface Leg {
  readonly title: string;
  take(): Promise<{ readonly claims?: IdTokenClaims; readonly session?: Session }>;
}

/** The way from the first credentials to the last role's session. */
export interface Federation {
  /** In order; each starts from what the one before has reached. */
  readonly legs: readonly Leg[];
  /** The session that the last leg reached. */
  session(): Session;
  /** The proof: who AWS says the session is. */
  callerIdentity(): Promise<CallerIdentity>;
}

/** Credentials of the agent's machine: found by whoever knows all the places to look. */
export type MachineCredentials = (
  environment: Readonly<Record<string, string>>,
  connections: Connections,
) => Promise<AwsCredentials>;

/**
 * Federates by the settings. Every call retries what may pass, and only that, and asks for a new ID token where the
 * old one may have expired. Errors are DeliveryErrors that say what to do.
 */
export function openFederation(
  settings: FederationSettings,
  sts: Sts,
  machineCredentials: MachineCredentials,
  options: RequestOptions,
): Federation {
  const { origin, roles, restrictions } = settings;
  let reached: Session | undefined;

  const arrive = (session: Session) => {
    const { secretAccessKey, sessionToken } = session.credentials;
    options.mask?.(secretAccessKey);
    if (sessionToken) options.mask?.(sessionToken);
    reached = session;
    return { session };
  };
  const session = (): Session => {
    if (!reached) throw new Error('no leg of the federation has been taken');
    return reached;
  };

  const call = stsCalls(sts, options);

  /** A session policy belongs to the session that is handed on, the last one. */
  const request = (role: RoleArn) => ({
    roleArn: role.arn,
    sessionName: settings.sessionName,
    durationSeconds: settings.sessionDuration,
    ...(role === roles.at(-1) ? { policy: restrictions.policy, policyArns: restrictions.policyArns } : {}),
  });

  const idTokenLegs = (source: IdTokenSource, role: RoleArn): Leg[] => {
    const tokens = keepIdToken(source, options);
    return [
      {
        title: `Get an ID token ${fromWhom(source)}`,
        take: async () => ({ claims: (await tokens.current()).claims }),
      },
      {
        title: `Assume ${role.arn} in ${settings.region}`,
        take: async () => {
          const assumed = await call(
            async (signal) => {
              const { value } = await tokens.current();
              return sts.assumeRoleWithWebIdentity({ ...request(role), token: value.reveal() }, signal);
            },
            (refusal) =>
              explainWebIdentityRefusal(refusal, settings, role, tokens.last(), tokens.clockAhead()),
          );
          return arrive(assumed);
        },
      },
    ];
  };

  const chainLeg = (to: RoleArn, from: RoleArn | undefined): Leg => ({
    title: `Assume ${to.arn}${from ? ` as ${from.roleName}` : ` in ${settings.region}`}`,
    take: async () => {
      const assumed = await call(
        (signal) =>
          sts.assumeRole(
            { ...request(to), externalId: settings.externalId, ...tagsOfHop(settings, to) },
            session().credentials,
            signal,
          ),
        (refusal) => explainChainRefusal(refusal, settings, from, to),
      );
      return arrive(assumed);
    },
  });

  const [firstRole] = roles;
  const start: Leg[] =
    origin.kind === 'idToken' && firstRole
      ? idTokenLegs(origin.source, firstRole)
      : [
          {
            title:
              origin.kind === 'keys'
                ? `Use the keys of ${origin.named}`
                : 'Find AWS credentials on this machine',
            take: async () =>
              arrive({
                credentials: await firstCredentials(settings, machineCredentials, options.connections),
              }),
          },
        ];
  const chained = origin.kind === 'idToken' ? roles.slice(1) : roles;
  const chainLegs = chained.map((to) => chainLeg(to, roles[roles.indexOf(to) - 1]));

  return {
    legs: [...start, ...chainLegs],
    session,
    callerIdentity: () =>
      call((signal) => sts.getCallerIdentity(session().credentials, signal), explainProofRefusal),
  };
}

/** The whole way without a word in between, as a renewal takes it. */
export async function federate(federation: Federation): Promise<Session> {
  for (const leg of federation.legs) await leg.take();
  return federation.session();
}

function fromWhom(source: IdTokenSource): string {
  return source.kind === 'azureDevOps' ? 'for the service connection' : "of the machine's managed identity";
}

async function firstCredentials(
  { origin }: FederationSettings,
  machineCredentials: MachineCredentials,
  connections: Connections,
): Promise<AwsCredentials> {
  switch (origin.kind) {
    case 'keys':
      return origin.keys;
    case 'machine':
      return machineCredentials(origin.environment, connections).catch((error) => {
        throw noCredentials(error);
      });
    case 'idToken':
      throw new Error('an ID token is exchanged for a role, and no role is named');
  }
}
