/** Whose signature a request bears: a user of the world, or a role session that STS has opened. */
import type { World } from '../world.ts';
import type { Caller } from './iam/principals.ts';
import { userArn, userId } from './identities.ts';
import type { Session } from './sessions.ts';
import { verifySignature } from './sigv4.ts';
import type { StsCall } from './sts-call.ts';

/** Who signed a request. */
export interface Authenticated {
  readonly caller: Exclude<Caller, { kind: 'webIdentity' }>;
  /** As GetCallerIdentity shows it. */
  readonly userId: string;
  /** The user's name, for users. */
  readonly userName?: string;
  /** The session, for sessions. */
  readonly session?: Session;
}

/** Verifies the request's signature. Throws AwsError. */
export function authenticate({
  request,
  surroundings: { world, now },
  sessions,
  endpoint,
}: StsCall): Authenticated {
  const { partition, region } = endpoint;
  const signer = (accessKeyId: string) => {
    const session = sessions.find(accessKeyId);
    // Partitions do not know each other's credentials.
    return session?.owner.partition === partition ? session : undefined;
  };
  const accessKeyId = verifySignature(
    request,
    { region, service: 'sts' },
    now(),
    (id) => signer(id) ?? findUser(world, id)?.user,
  );
  const session = signer(accessKeyId);
  if (session !== undefined) {
    const { account, arn, roleArn } = session.owner;
    return { caller: { kind: 'session', account, arn, roleArn }, userId: session.owner.userId, session };
  }
  const found = findUser(world, accessKeyId);
  if (found === undefined) throw new Error(`${accessKeyId} signed and is gone`);
  const { account, name, user } = found;
  return {
    caller: { kind: 'user', account, arn: userArn(partition, account, name, user) },
    userId: userId(account, name),
    userName: name,
  };
}

function findUser(world: World, accessKeyId: string) {
  for (const [account, { users }] of Object.entries(world.accounts)) {
    for (const [name, user] of Object.entries(users)) {
      if (user.accessKeyId === accessKeyId) return { account, name, user };
    }
  }
  return undefined;
}
