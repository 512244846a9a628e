import { dirname, join } from 'node:path';
import type { AwsCredentials } from '../../aws/index.ts';
import type { MachineCredentials } from '../federation.ts';
import { LockTimeoutError, withFileLock } from './file-lock.ts';
import { readRenewalState } from './renewal-state.ts';
import { isFresh, isUsable, readSession, writeSession } from './session-cache.ts';

/** Longer than any renewal can take: two requests of 25 s for the ID token and STS, and a hop or two. */
const lockTimes = { staleAfter: 120, patience: 150 };

/** Milliseconds a session must still live for to be handed out without waiting for a process that renews it already. */
const unhurried = 60_000;

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

  const { staleAfter, patience } = lockTimes;
  const canWait = cached !== undefined && isUsable(cached, Date.now() + unhurried);
  try {
    return await withFileLock(lock, { staleAfter, patience: canWait ? 0 : patience }, async () => {
      const renewed = readSession(sessionFile);
      return renewed && isFresh(renewed, Date.now())
        ? renewed.credentials
        : renew(stateFile, sessionFile, machineCredentials);
    });
  } catch (error) {
    const last = readSession(sessionFile);
    if (!last || !isUsable(last, Date.now())) throw error;
    // Another process renews it: nothing is wrong.
    if (!(error instanceof LockTimeoutError)) {
      const end = last.credentials.expiration?.toISOString();
      warn(`not renewed, the session at hand ends ${end}: ${error instanceof Error ? error.message : error}`);
    }
    return last.credentials;
  }
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
