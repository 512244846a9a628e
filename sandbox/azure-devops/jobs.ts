/** Running jobs, as Azure DevOps knows them: their ids, their access tokens, and the connections they name. */
import { randomBytes, randomUUID } from 'node:crypto';
import type { Surroundings } from '../http.ts';

/** What starts a job. */
export interface JobRequest {
  readonly hub: 'build' | 'release';
  /** GUIDs of the service connections that an input of this job names. */
  readonly connections: readonly string[];
  /** The pipeline's name. */
  readonly pipeline: string;
  /** `System.JobIdentifier`, `<stage>.<job>.__default`; a pipeline without stages has `Job.__default`. */
  readonly identifier?: string;
}

/** A running job. */
export interface SandboxJob {
  /** Access token of the SystemVssConnection endpoint; dead after `close`. */
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

/** A job as the token endpoint reads it. */
export interface RunningJob {
  readonly planId: string;
  readonly jobId: string;
  readonly hub: 'build' | 'release';
  /** Lower case. */
  readonly connections: ReadonlySet<string>;
  readonly pipeline: string;
  readonly identifier: string;
}

/** Where the collection lives; it ends in a slash, as `System.CollectionUri` does. */
export const collectionUri = (organization: { readonly name: string }) =>
  `https://dev.azure.com/${encodeURIComponent(organization.name)}/`;

/** The jobs of one organisation that are running now. */
export class Jobs {
  readonly #surroundings: Surroundings;
  readonly #byToken = new Map<string, RunningJob>();

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
  }

  open({ hub, connections, pipeline, identifier = 'Job.__default' }: JobRequest): SandboxJob {
    const { organization, project } = this.#surroundings.world;
    // About as long as the real ones; clients take tokens of 52 and 84 characters for personal access tokens.
    const accessToken = randomBytes(768).toString('base64url');
    const planId = randomUUID();
    const jobId = randomUUID();
    this.#surroundings.rememberSecret(accessToken);
    this.#byToken.set(accessToken, {
      planId,
      jobId,
      hub,
      connections: new Set(connections.map((id) => id.toLowerCase())),
      pipeline,
      identifier,
    });
    const hubs = `${collectionUri(organization)}${project.id}/_apis/distributedtask/hubs`;
    return {
      accessToken,
      planId,
      jobId,
      hubName: hub,
      projectId: project.id,
      projectName: project.name,
      oidcRequestUri: `${hubs}/${hub}/plans/${planId}/jobs/${jobId}/oidctoken`,
      close: () => {
        this.#byToken.delete(accessToken);
      },
    };
  }

  /** The running job that holds an access token. */
  holding(accessToken: string): RunningJob | undefined {
    return this.#byToken.get(accessToken);
  }
}
