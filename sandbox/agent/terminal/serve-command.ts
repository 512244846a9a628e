/** `serve`: the sandbox alone, for any client. */
import { resolve } from 'node:path';
import { startSandbox } from '../../sandbox.ts';
import { machineVariables } from '../machine/machine-variables.ts';
import { readWorld } from './world-file.ts';

/** What the command line says. */
export interface ServeArguments {
  readonly world: string;
  readonly json: boolean;
}

/**
 * Starts the sandbox with a job that may have an ID token of every connection, says how to reach it, and stays up
 * until it is interrupted.
 */
export async function serve({ world: file, json }: ServeArguments): Promise<number> {
  const world = await readWorld(file);
  const sandbox = await startSandbox(world);
  const connections = Object.entries(world.connections).map(([name, { id, type }]) => ({ name, id, type }));
  const job = sandbox.openJob({
    hub: 'build',
    connections: connections.map(({ id }) => id),
    pipeline: 'serve',
  });
  const plug = {
    proxy: proxyOf(sandbox),
    ca: sandbox.caFile,
    collectionUri: sandbox.collectionUri,
    jobToken: job.accessToken,
    oidcRequestUri: job.oidcRequestUri,
    connections,
    world: resolve(file),
  };
  process.stdout.write(json ? `${JSON.stringify(plug)}\n` : `${explain(plug, sandbox).join('\n')}\n`);

  await new Promise((stop) => process.once('SIGINT', stop).once('SIGTERM', stop));
  job.close();
  await sandbox.close();
  return 0;
}

type Started = Awaited<ReturnType<typeof startSandbox>>;

/** The proxy's address, with user and password where it asks for them. */
function proxyOf({ proxyUrl, proxyCredentials }: Started): string {
  if (proxyCredentials === undefined) return proxyUrl;
  const url = new URL(proxyUrl);
  url.username = encodeURIComponent(proxyCredentials.user);
  url.password = encodeURIComponent(proxyCredentials.password);
  return url.href.replace(/\/$/, '');
}

interface Plug {
  readonly jobToken: string;
  readonly oidcRequestUri: string;
  readonly connections: readonly { readonly name: string; readonly id: string; readonly type: string }[];
}

function explain({ jobToken, oidcRequestUri, connections }: Plug, sandbox: Started): string[] {
  const [first] = connections;
  return [
    'The sandbox is up; Ctrl-C ends it. In another terminal:',
    '',
    ...Object.entries(machineVariables(sandbox)).map(([name, value]) => `export ${name}='${value}'`),
    `export SYSTEM_ACCESSTOKEN='${jobToken}'`,
    `export SYSTEM_OIDCREQUESTURI='${oidcRequestUri}'`,
    '',
    ...connections.map(({ name, id, type }) => `# service connection ${name}: ${id} (${type})`),
    '',
    '# An ID token:',
    'curl -s -X POST -d "{}" -H "Content-Type: application/json" -H "Authorization: Bearer $SYSTEM_ACCESSTOKEN" \\',
    `  "$SYSTEM_OIDCREQUESTURI?api-version=7.1&serviceConnectionId=${first?.id ?? ''}"`,
  ];
}
