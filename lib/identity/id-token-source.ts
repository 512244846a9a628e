import * as z from 'zod/mini';
import type { Agent } from '../agent/index.ts';
import { DeliveryError } from '../errors/index.ts';

/** Where ID tokens of one service connection come from, and the right to ask for them. Plain data; holds a secret. */
export interface IdTokenSource {
  /** The job's `oidctoken` endpoint, without query. */
  readonly url: string;
  /** GUID of the service connection. */
  readonly connectionId: string;
  /** The job's own access token; works for as long as the job runs. */
  readonly accessToken: string;
}

const guid = z.guid();

/**
 * The job's token endpoint for a connection: System.OidcRequestUri, else the same address put together from the
 * job's variables (agents before 3.232 do not set it).
 * @throws DeliveryError ID_TOKEN_NOT_ISSUED_HERE on Azure DevOps Server, CONNECTION_INVALID when the id is no GUID,
 *   ID_TOKEN_REFUSED when the job has no access token
 */
export function idTokenSource(agent: Agent, connectionId: string): IdTokenSource {
  if (agent.variable('System.ServerType')?.toLowerCase() === 'onpremises') throw noIdTokensHere();
  // The service ignores an id that is no GUID and answers with the pipeline's own token.
  if (!guid.safeParse(connectionId).success) {
    throw new DeliveryError({
      code: 'CONNECTION_INVALID',
      what: `The service connection arrived as "${connectionId}", not as a GUID.`,
      remedy:
        'Name the service connection in the input itself, not through a variable that is set while the job runs.',
    });
  }
  const accessToken =
    agent.endpoint('SYSTEMVSSCONNECTION').parameter('AccessToken') ?? agent.variable('System.AccessToken');
  if (!accessToken) {
    throw new DeliveryError({
      code: 'ID_TOKEN_REFUSED',
      what: 'The job has no access token to ask for an ID token with.',
      remedy:
        'Classic pipelines: select the agent job and tick "Allow scripts to access the OAuth token". Then run it again.',
    });
  }
  return { url: agent.variable('System.OidcRequestUri') ?? longForm(agent), connectionId, accessToken };
}

function longForm(agent: Agent): string {
  const part = (name: string): string => {
    const value = agent.variable(name);
    if (value) return value;
    throw noIdTokensHere(`The agent sets neither System.OidcRequestUri nor ${name}.`);
  };
  const collection = part('System.CollectionUri').replace(/\/?$/, '/');
  const ids = ['System.TeamProjectId', 'System.HostType', 'System.PlanId', 'System.JobId'].map(part);
  const [project, hub, plan, job] = ids.map(encodeURIComponent);
  return `${collection}${project}/_apis/distributedtask/hubs/${hub}/plans/${plan}/jobs/${job}/oidctoken`;
}

/** Azure DevOps Server has no issuer of ID tokens. */
export function noIdTokensHere(why?: string): DeliveryError {
  return new DeliveryError({
    code: 'ID_TOKEN_NOT_ISSUED_HERE',
    what: 'This server issues no ID tokens for service connections: only Azure DevOps Services (the cloud) does.',
    why,
    remedy:
      "Run the pipeline on Azure DevOps Services (dev.azure.com). On Azure DevOps Server, give the agent's machine an AWS role of its own, for example an EC2 instance profile.",
  });
}
