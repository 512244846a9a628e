import { dirname, join } from 'node:path';
import type { AwsCredentials } from '../../aws/index.ts';
import type { MachineCredentials } from '../federation.ts';
import { withFileLock } from './file-lock.ts';
import { readRenewalState } from './renewal-state.ts';
import { type CachedSession, isFresh, isUsable, readSession, writeSession } from './session-cache.ts';

/** Longer than any renewal can take: two requests of 25 s for the ID token and STS, and a hop or two. */
const lockTimes = { staleAfter: 120, patience: 150 };

/** The files of one profile's folder. */
export function profileFiles(folder: string) {
  return {
    state: join(folder, 'state.json'),
    session: join(folder, 'session.json'),
    lock: join(folder, 'lock'),
  };
}

/**
 * The session's credentials, renewed where needed: by one process, however many ask at once. A session that still
 * lives is handed out even when its renewal fails; `warn` then hears why.
 */
export async function currentCredentials(
  stateFile: string,
  machineCredentials: MachineCredentials,
  warn: (text: string) => void,
): Promise<AwsCredentials> {
  const { session: sessionFile, lock } = profileFiles(dirname(stateFile));
  const cached = readSession(sessionFile);
  if (cached && isFresh(cached, Date.now())) return cached.credentials;

  return withFileLock(lock, lockTimes, async () => {
    const renewed = readSession(sessionFile);
    if (renewed && isFresh(renewed, Date.now())) return renewed.credentials;
    try {
      return await renew(stateFile, sessionFile, machineCredentials);
    } catch (error) {
      const last: CachedSession | undefined = renewed ?? cached;
      if (!last || !isUsable(last, Date.now())) throw error;
      warn(
        `not renewed, the session at hand ends ${last.credentials.expiration?.toISOString()}: ${error instanceof Error ? error.message : error}`,
      );
      return last.credentials;
    }
  });
}

/** Loaded only when there is something to renew: handing out a session at hand takes no network. */
async function renew(
  stateFile: string,
  sessionFile: string,
  machineCredentials: MachineCredentials,
): Promise<AwsCredentials> {
  const { settings, network } = readRenewalState(stateFile);
  const [{ createSts }, { openConnections }, { federate, openFederation }] = await Promise.all([
    import('../../aws/index.ts'),
    import('../../network/index.ts'),
    import('../federation.ts'),
  ]);
  const connections = openConnections(network);
  try {
    const sts = createSts(settings.region, connections, process.env);
    const { credentials } = await federate(
      openFederation(settings, sts, machineCredentials, { connections }),
    );
    writeSession(sessionFile, credentials, new Date());
    return credentials;
  } finally {
    connections.close();
  }
}
