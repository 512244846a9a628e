/** The job's own token endpoint, asked for a service connection. Holds a secret. */
export interface AzureDevOpsSource {
  readonly kind: 'azureDevOps';
  /** The job's `oidctoken` endpoint, without query. */
  readonly url: string;
  /** GUID of the service connection. */
  readonly connectionId: string;
  /** The job's own access token; works for as long as the job runs. */
  readonly accessToken: string;
}

/** The managed identity of the Azure machine that the agent runs on. */
export interface ManagedIdentitySource {
  readonly kind: 'managedIdentity';
  /** The token endpoint, without query. */
  readonly url: string;
  /** What proves that the request comes from the machine itself: a fixed header, or App Service's secret one. */
  readonly headers: Readonly<Record<string, string>>;
  readonly apiVersion: string;
  /** For whom the token is made out: its audience. */
  readonly resource: string;
  /** A user-assigned identity; without it the system-assigned one. */
  readonly clientId?: string | undefined;
}

/** Where ID tokens come from. Plain data, so that a later process can ask again. */
export type IdTokenSource = AzureDevOpsSource | ManagedIdentitySource;
