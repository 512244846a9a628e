/** The sandbox as a whole: services, proxy, certificates, faults and the log of what was asked. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSessions } from './aws/sessions.ts';
import { createSts } from './aws/sts.ts';
import { createAzureDevOps } from './azure-devops/azure-devops.ts';
import type { JobRequest, SandboxJob } from './azure-devops/jobs.ts';
import { type Fault, faultSchema } from './faults.ts';
import { Gateway } from './gateway.ts';
import type { Site, Surroundings } from './http.ts';
import { startMetadata } from './metadata/metadata.ts';
import { createAuthority } from './pki.ts';
import { startProxy } from './proxy.ts';
import type { RecordedRequest } from './request-log.ts';
import type { World } from './world.ts';

export type { JobRequest, RecordedRequest, SandboxJob };

/** A running sandbox. */
export interface Sandbox {
  /** `http://127.0.0.1:PORT`, no credentials in it. */
  readonly proxyUrl: string;
  /** Present where the world's machine has a proxy user. */
  readonly proxyCredentials?: { readonly user: string; readonly password: string };
  /** PEM file with the certificate authority of every simulated host; gone after `close`. */
  readonly caFile: string;
  /** By which a process on the world's machine finds its metadata services; empty where it has none. */
  readonly metadataVariables: Readonly<Record<string, string>>;
  /** `https://dev.azure.com/<organisation>/` */
  readonly collectionUri: string;
  /** As given; the services read it at every request, so tests may change it. */
  readonly world: World;
  /** What the servers were asked, in the order of arrival, scripted answers included. */
  readonly requests: readonly RecordedRequest[];
  /** Every secret handed out so far: ID tokens, job tokens, secret keys, session tokens. */
  readonly issuedSecrets: readonly string[];
  /** @throws ZodError where the fault has no effect, or several */
  addFault(fault: Fault): void;
  /** Starts a job, whose access token asks for ID tokens until the job is closed. */
  openJob(job: JobRequest): SandboxJob;
  /** Frees the port, the connections and the CA file. */
  close(): Promise<void>;
}

/** Starts every service of a world behind a proxy on a free loopback port. */
export async function startSandbox(world: World): Promise<Sandbox> {
  const [trusted, untrusted] = await Promise.all([
    createAuthority('Sandbox certificate authority'),
    createAuthority('An authority that nobody trusts'),
  ]);
  const now = () => new Date(Date.now() + world.machine.clockOffset * 1000);
  const issuedSecrets: string[] = [];
  const sites: Site[] = [];
  const gateway = new Gateway({ world, now, sites, trusted, untrusted });
  const surroundings: Surroundings = {
    world,
    now,
    rememberSecret: (secret) => issuedSecrets.push(secret),
    get: (url) => gateway.get(url),
  };
  const azureDevOps = createAzureDevOps(surroundings);
  const sessions = createSessions(now, surroundings.rememberSecret);
  sites.push(...azureDevOps.sites, createSts(surroundings, sessions));

  const { proxyUser: user, proxyPassword: password } = world.machine;
  const credentials = user === undefined || password === undefined ? undefined : { user, password };
  const proxy = await startProxy({
    credentials,
    admit: (host, method) => gateway.admit(host, method),
    unauthenticated: (host, method) => gateway.turnedDown(host, method, 407),
    serve: (exchange) => gateway.serve(exchange),
  });
  const metadata = await startMetadata(surroundings, sessions, azureDevOps.issuers, (exchange) =>
    gateway.serve(exchange),
  );
  const folder = await mkdtemp(join(tmpdir(), 'keyless-delivery-sandbox-'));
  const caFile = join(folder, 'ca.pem');
  await writeFile(caFile, trusted.certificatePem);

  return {
    proxyUrl: proxy.url,
    ...(credentials && { proxyCredentials: credentials }),
    caFile,
    metadataVariables: metadata.variables,
    collectionUri: azureDevOps.collectionUri,
    world,
    requests: gateway.log.entries,
    issuedSecrets,
    addFault: (fault) => {
      world.faults.push(faultSchema.parse(fault));
    },
    openJob: azureDevOps.openJob,
    async close() {
      gateway.close();
      await Promise.all([proxy.close(), metadata.close()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
