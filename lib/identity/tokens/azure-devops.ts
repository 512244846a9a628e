import * as z from 'zod/mini';
import type { Agent } from '../../agent/index.ts';
import { DeliveryError } from '../../errors/index.ts';
import type { HttpRequest, HttpResponse } from '../../network/index.ts';
import { type IdToken, parseIdToken } from './id-token.ts';
import type { AzureDevOpsSource } from './id-token-source.ts';
import { parseJson } from './parse-json.ts';

const guid = z.guid();

/**
 * The job's token endpoint for a connection: System.OidcRequestUri, else the same address put together from the
 * job's variables (agents before 3.232 do not set it).
 * @throws DeliveryError ID_TOKEN_NOT_ISSUED_HERE on Azure DevOps Server, CONNECTION_INVALID when the id is no GUID,
 *   ID_TOKEN_REFUSED when the job has no access token
 */
export function azureDevOpsSource(agent: Agent, connectionId: string): AzureDevOpsSource {
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
  const url = agent.variable('System.OidcRequestUri') ?? longForm(agent);
  return { kind: 'azureDevOps', url, connectionId, accessToken };
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
function noIdTokensHere(why?: string): DeliveryError {
  return new DeliveryError({
    code: 'ID_TOKEN_NOT_ISSUED_HERE',
    what: 'This server issues no ID tokens for service connections: only Azure DevOps Services (the cloud) does.',
    why,
    remedy:
      "On Azure DevOps Server two identities work without such a token:\n  identity: managedIdentity   # the agent runs on an Azure machine that has one\n  identity: environment       # the agent's machine has AWS credentials, for example an EC2 instance profile",
  });
}

/** REST API "Oidctoken - Create", 7.1. */
export function azureDevOpsRequest(source: AzureDevOpsSource): HttpRequest {
  const url = new URL(source.url);
  url.searchParams.set('api-version', '7.1');
  url.searchParams.set('serviceConnectionId', source.connectionId);
  return {
    method: 'POST',
    url,
    headers: {
      authorization: `Bearer ${source.accessToken}`,
      'content-type': 'application/json',
      accept: 'application/json',
      // Without it a refused access token is answered with an HTML sign-in page and status 203 or 302.
      'x-tfs-fedauthredirect': 'Suppress',
    },
    body: '{}',
  };
}

const answerSchema = z.looseObject({
  oidcToken: z.optional(z.string()),
  message: z.optional(z.string()),
  value: z.optional(z.unknown()),
});

/** @throws DeliveryError ID_TOKEN_* when the answer holds no token of the connection */
export function readAzureDevOpsAnswer(
  answer: HttpResponse,
  source: AzureDevOpsSource,
  mask: (secret: string) => void,
): IdToken {
  const body = answerSchema.safeParse(parseJson(answer.body));
  // Success needs a token: the service has answered 200 with a list of complaints instead.
  if (body.success && body.data.oidcToken) {
    mask(body.data.oidcToken);
    return connectionToken(body.data.oidcToken);
  }
  const said = body.success ? textOf(body.data) : undefined;
  throw refusal(answer.status, said, source.connectionId);
}

/** Refuses a token that speaks for somebody else: trust in a pipeline's own would be trust in any pipeline's author. */
function connectionToken(jwt: string): IdToken {
  const token = parseIdToken(jwt);
  if (/^(sc:\/\/|\/eid1\/)/.test(token.claims.subject)) return token;
  throw new DeliveryError({
    code: 'ID_TOKEN_WRONG_SUBJECT',
    what: 'Azure DevOps gave a token that does not speak for the service connection.',
    why: `The token's subject is ${token.claims.subject}; a service connection's begins with sc:// or /eid1/.`,
    remedy: "Name an existing service connection in the task's own input and run the pipeline again.",
  });
}

function refusal(status: number, said: string | undefined, connectionId: string): DeliveryError {
  if (said && /no explicit reference/i.test(said)) {
    return new DeliveryError({
      code: 'ID_TOKEN_NO_REFERENCE',
      what: `This job may not ask for a token of the service connection ${connectionId}: no input of the job names it.`,
      why: `Azure DevOps said: ${said}`,
      remedy:
        'Name the service connection as a literal or a compile-time value in the awsConnection input of a task of this job:\n  awsConnection: my-connection',
    });
  }
  if (status === 404) {
    return noIdTokensHere(said ? `Azure DevOps said: ${said}` : 'The token endpoint answered 404.');
  }
  return new DeliveryError({
    code: 'ID_TOKEN_REFUSED',
    what: `Azure DevOps refused to issue an ID token (status ${status}).`,
    why: said
      ? `Azure DevOps said: ${said}`
      : "The answer was not JSON: most likely a sign-in page, because the job's access token was not accepted.",
    remedy:
      'Check that the service connection still exists and that this pipeline is allowed to use it (Project settings > Service connections > Security). In a job that has already ended, the access token no longer works.',
  });
}

/** Complaints come as `{"message": …}` or as `{"count": 1, "value": …}` whose value is a text or an object with a Message. */
function textOf(body: z.infer<typeof answerSchema>): string | undefined {
  const { message, value } = body;
  if (message) return message;
  if (value === undefined) return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
