/**
 * `POST {collection}/{project}/_apis/distributedtask/hubs/{hub}/plans/{plan}/jobs/{job}/oidctoken`: an ID token for a
 * job, in the name of a service connection or of the pipeline.
 *
 * https://learn.microsoft.com/rest/api/azure/devops/distributedtask/oidctoken/create?view=azure-devops-rest-7.1
 */
import { json, type SandboxRequest, type SandboxResponse, type Surroundings } from '../http.ts';
import type { Connection, World } from '../world.ts';
import { type Claims, connectionClaims, type IssuerName, pipelineClaims } from './claims.ts';
import type { Issuer } from './issuer.ts';
import type { Jobs, RunningJob } from './jobs.ts';
import { refusal, unauthenticated } from './refusals.ts';

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Serves dev.azure.com: the token endpoint, which is all of Azure DevOps that a task calls. */
export function createOidcTokenService(
  surroundings: Surroundings,
  jobs: Jobs,
  issuers: Readonly<Record<IssuerName, Issuer>>,
): (request: SandboxRequest) => Promise<SandboxResponse> {
  return async (request) => {
    const { world } = surroundings;
    const job = jobs.holding(bearerOf(request));
    if (job === undefined) return unauthenticated(request, world);
    const target = targetOf(request.path);
    const refused =
      target === undefined || target.organization !== encodeURIComponent(world.organization.name)
        ? json(404, {
            Message: `No HTTP resource was found that matches the request URI 'https://${request.host}${request.path}'.`,
          })
        : (wrongMethod(request) ??
          wrongVersion(request) ??
          wrongBody(request) ??
          wrongJob(target, job, world));
    if (refused !== undefined) return refused;

    const requested = request.query.get('serviceConnectionId') ?? '';
    // What is no GUID is passed over in silence, and the token is the pipeline's.
    if (!guid.test(requested))
      return issue('vstoken', pipelineClaims(world, job.pipeline, surroundings.now()));
    const found = connectionWith(requested.toLowerCase(), job, world);
    if (found === undefined) return notReferenced(requested, job);
    return issue(
      found.connection.issuer,
      connectionClaims(world, found.name, found.connection, surroundings.now()),
    );
  };

  async function issue(issuer: IssuerName, claims: Claims): Promise<SandboxResponse> {
    const oidcToken = await issuers[issuer].sign(claims);
    surroundings.rememberSecret(oidcToken);
    return json(200, { oidcToken });
  }
}

/** The parts of the endpoint's path, as sent. */
interface Target {
  readonly organization: string;
  readonly project: string;
  readonly hub: string;
  readonly planId: string;
  readonly jobId: string;
}

function targetOf(path: string): Target | undefined {
  const parts =
    /^\/(?<organization>[^/]+)\/(?<project>[^/]+)\/_apis\/distributedtask\/hubs\/(?<hub>[^/]+)\/plans\/(?<planId>[^/]+)\/jobs\/(?<jobId>[^/]+)\/oidctoken$/i.exec(
      path,
    )?.groups;
  if (parts === undefined) return undefined;
  const { organization = '', project = '', hub = '', planId = '', jobId = '' } = parts;
  return { organization, project, hub, planId, jobId };
}

const bearerOf = (request: SandboxRequest) =>
  /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';

function wrongMethod({ method }: SandboxRequest): SandboxResponse | undefined {
  if (method === 'POST') return undefined;
  const { headers, ...answer } = json(405, {
    Message: `The requested resource does not support http method '${method}'.`,
  });
  return { ...answer, headers: { ...headers, Allow: 'POST' } };
}

/**
 * https://learn.microsoft.com/azure/devops/integrate/concepts/rest-api-versioning: as a query parameter or in Accept,
 * `{major}.{minor}[-preview[.{resource version}]]`. The endpoint begins with 7.1; 7.2 is a preview.
 */
function wrongVersion({ method, path, query, headers }: SandboxRequest): SandboxResponse | undefined {
  const version = query.get('api-version') ?? /;\s*api-version=([^;,\s]+)/i.exec(headers.accept ?? '')?.[1];
  if (!version) {
    return refusal(
      400,
      'VssVersionNotSpecifiedException',
      `No api-version was supplied for the "${method}" request. The version must be supplied either as part of the Accept header (e.g. "application/json; api-version=1.0") or as a query parameter (e.g. "?api-version=1.0").`,
    );
  }
  const parts = /^(\d+)\.(\d+)(-preview(\.\d+)?)?$/i.exec(version);
  if (parts === null) {
    return refusal(
      400,
      'VssInvalidApiResourceVersionException',
      `Invalid api version string: "${version}". Api version string must be in the format: {Major}.{Minor}[-preview[.{ResourceVersion}]].`,
    );
  }
  const [major, minor, preview] = [Number(parts[1]), Number(parts[2]), parts[3] !== undefined];
  if (major < 7 || (major === 7 && minor < 1)) {
    return refusal(
      400,
      'VssVersionOutOfRangeException',
      `The request matched route ${path}, but the requested REST API version ${version} was outside the valid version range for this route.`,
    );
  }
  if (major > 7 || minor > 2) {
    return refusal(
      400,
      'VssVersionOutOfRangeException',
      `The requested REST API version of ${major}.${minor} is out of range for this server. The latest REST API version this server supports is 7.2.`,
    );
  }
  if (minor === 2 && !preview) {
    return refusal(
      400,
      'VssInvalidPreviewVersionException',
      `The requested version "${version}" of the resource is under preview. The -preview flag must be supplied in the api-version for such requests. For example: "${version}-preview"`,
    );
  }
  return undefined;
}

/** The body is a map of texts, or missing; tasks send `{}`. */
function wrongBody({ headers, body }: SandboxRequest): SandboxResponse | undefined {
  if (body.length === 0) return undefined;
  const type = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (type !== 'application/json') {
    return refusal(
      400,
      'VssRequestContentTypeNotSupportedException',
      `The request indicated a Content-Type of "${type}" for method type "POST" which is not supported. Valid content types for this method are: application/json, application/json-patch+json.`,
    );
  }
  if (isMapOfTexts(body.toString('utf8'))) return undefined;
  // Documented is what the body has to be, not how the service words it.
  return refusal(
    400,
    'VssPropertyValidationException',
    'The body must be a JSON object with texts as its values.',
  );
}

function isMapOfTexts(json: string): boolean {
  try {
    const value: unknown = JSON.parse(json);
    return (
      typeof value === 'object' &&
      value !== null &&
      !Array.isArray(value) &&
      Object.values(value).every((item) => typeof item === 'string')
    );
  } catch {
    return false;
  }
}

/** A token reaches its own job only. */
function wrongJob(target: Target, job: RunningJob, world: World): SandboxResponse | undefined {
  if (target.project.toLowerCase() !== world.project.id) {
    return refusal(
      404,
      'ProjectDoesNotExistException',
      `VS800075: The project with id 'vstfs:///Classification/TeamProject/${target.project}' does not exist, or you do not have permission to access it.`,
      'Microsoft.TeamFoundation.Core.WebApi',
    );
  }
  const distributedTask = 'Microsoft.TeamFoundation.DistributedTask.WebApi';
  if (target.hub.toLowerCase() !== job.hub || target.planId.toLowerCase() !== job.planId) {
    const message = `No plan found for identifier ${target.planId}.`;
    return refusal(404, 'TaskOrchestrationPlanNotFoundException', message, distributedTask);
  }
  if (target.jobId.toLowerCase() !== job.jobId) {
    // The code is the service's; its words are documented for plans only.
    const message = `No job found for identifier ${target.jobId}.`;
    return refusal(404, 'TaskOrchestrationJobNotFoundException', message, distributedTask);
  }
  return undefined;
}

function connectionWith(
  id: string,
  job: RunningJob,
  world: World,
): { name: string; connection: Connection } | undefined {
  if (!job.connections.has(id)) return undefined;
  const entry = Object.entries(world.connections).find(([, connection]) => connection.id === id);
  return entry && { name: entry[0], connection: entry[1] };
}

/**
 * Since March 2026 a connection must be named by an input of the stage that asks. The refusal is a bare text, which
 * the API's JSON wraps as it wraps every list: `count` counts characters.
 * https://github.com/dotnet/docker-tools/issues/2012
 */
function notReferenced(id: string, job: RunningJob): SandboxResponse {
  const value = `There is no explicit reference to service connection ${id} from current stage ${job.identifier}.`;
  return json(404, { count: value.length, value });
}
