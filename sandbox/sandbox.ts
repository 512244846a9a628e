/** The sandbox as a whole: services, proxy, certificates, faults and the log of what was asked. */
import type { Fault } from './faults.ts';
import type { World } from './world.ts';

/** A request as a server saw it, in the order of arrival. Form fields may hold secrets: memory only. */
export interface RecordedRequest {
  readonly at: Date;
  readonly host: string;
  /** `CONNECT` where the proxy itself refused. */
  readonly method: string;
  readonly path: string;
  readonly operation?: string;
  readonly form?: Readonly<Record<string, string>>;
  /** Absent until answered, and for ever after a reset or a stall. */
  readonly status?: number;
}

/** What a job of a pipeline asks of Azure DevOps. */
export interface JobRequest {
  readonly hub: 'build' | 'release';
  /** GUIDs of the service connections that an input of this job names. */
  readonly connections: readonly string[];
  /** The pipeline's name. */
  readonly pipeline: string;
}

/** A running job, as Azure DevOps knows it. */
export interface SandboxJob {
  /** The SystemVssConnection's access token; dead after `close`. */
  readonly accessToken: string;
  readonly planId: string;
  readonly jobId: string;
  readonly hubName: 'build' | 'release';
  readonly projectId: string;
  readonly projectName: string;
  /** What the agent gives as `System.OidcRequestUri`. */
  readonly oidcRequestUri: string;
  close(): void;
}

/** A running sandbox. */
export interface Sandbox {
  /** `http://127.0.0.1:PORT`, no credentials in it. */
  readonly proxyUrl: string;
  /** Present where the world's machine has a proxy user. */
  readonly proxyCredentials?: { readonly user: string; readonly password: string };
  /** PEM file with the certificate authority of every simulated host; gone after `close`. */
  readonly caFile: string;
  /** `https://dev.azure.com/<organisation>/`. */
  readonly collectionUri: string;
  /** As loaded; the services read it at every request, so tests may change it. */
  readonly world: World;
  readonly requests: readonly RecordedRequest[];
  /** Every secret handed out: ID tokens, job tokens, secret keys, session tokens. */
  readonly issuedSecrets: readonly string[];
  addFault(fault: Fault): void;
  openJob(job: JobRequest): SandboxJob;
  close(): Promise<void>;
}
