/** The variables that Azure DevOps and the agent set before the first step. */
import { randomUUID } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import type { Sandbox } from '../../sandbox.ts';
import type { JobContext } from '../job/job-context.ts';
import type { Folders } from '../machine/folders.ts';
import type { Host } from '../record.ts';

/** What the local agent says it is: newer than any task's `minimumAgentVersion`, and of today's habits. */
export const agentVersion = '4.274.1';

/** What is known of a run before its jobs. */
export interface RunIdentity {
  readonly host: Host;
  readonly sandbox: Sandbox;
  readonly folders: Folders;
  /** The pipeline's name. */
  readonly pipeline: string;
}

/** What only the caller knows of a job. */
export interface JobIdentity {
  readonly name: string;
  readonly displayName: string;
  readonly pipeline: string;
  /** Minutes; 0 is without end. */
  readonly timeout: number;
}

/** Sets everything that a job's steps find set. */
export function setSystemVariables(job: JobContext, identity: JobIdentity): void {
  const { host, sandbox, folders, service } = job.settings;
  const run = { host, sandbox, folders, pipeline: identity.pipeline };
  const groups = [
    runVariables(run),
    jobVariables(job, identity),
    agentVariables(job, identity),
    proxyVariables(job),
  ];
  for (const [name, value] of groups.flatMap((group) => Object.entries(group)))
    job.variables.set(name, value);

  job.masker.addVariable(service.accessToken);
  // Classic releases give steps no access token unless the phase allows it.
  if (host === 'build') job.variables.set('System.AccessToken', service.accessToken, { secret: true });

  const password = sandbox.proxyCredentials?.password;
  if (password !== undefined) {
    job.masker.addVariable(password);
    job.variables.set('Agent.ProxyPassword', password, { secret: true });
  }
}

/**
 * What the service sets for a whole run; conditions of jobs see these.
 *
 * @see https://learn.microsoft.com/azure/devops/pipelines/build/variables#system-variables
 */
export function runVariables(run: RunIdentity): Record<string, string> {
  const { host, sandbox, folders, pipeline } = run;
  const { organization, project } = sandbox.world;
  return {
    system: host,
    'System.HostType': host,
    'System.ServerType': 'Hosted',
    'System.Culture': 'en-US',
    'System.CollectionId': organization.id,
    'System.CollectionUri': sandbox.collectionUri,
    'System.TeamFoundationCollectionUri': sandbox.collectionUri,
    'System.TeamFoundationServerUri': sandbox.collectionUri,
    'System.TaskDefinitionsUri': sandbox.collectionUri,
    'System.TeamProject': project.name,
    'System.TeamProjectId': project.id,
    'System.DefinitionId': '1',
    'System.DefinitionName': pipeline,
    'System.IsScheduled': 'False',
    'System.DefaultWorkingDirectory': folders.sources,
    'System.ArtifactsDirectory': host === 'build' ? folders.staging : folders.sources,
    ...(host === 'build' ? buildVariables(run) : releaseVariables(run)),
  };
}

/** @see https://learn.microsoft.com/azure/devops/pipelines/build/variables#build-variables-devops-services */
function buildVariables({ folders, sandbox, pipeline }: RunIdentity): Record<string, string> {
  const { username } = userInfo();
  const project = sandbox.world.project.name;
  return {
    'System.EnableAccessToken': 'SecretVariable',
    'System.StageName': '__default',
    'System.StageDisplayName': '__default',
    'System.StageAttempt': '1',
    'Build.BuildId': '1',
    'Build.BuildNumber': `${new Date().toISOString().slice(0, 10).replaceAll('-', '')}.1`,
    'Build.BuildUri': 'vstfs:///Build/Build/1',
    'Build.ContainerId': '1',
    'Build.DefinitionName': pipeline,
    'Build.DefinitionVersion': '1',
    'Build.QueuedBy': username,
    'Build.Reason': 'Manual',
    'Build.RequestedFor': username,
    'Build.SourceBranch': 'refs/heads/main',
    'Build.SourceBranchName': 'main',
    'Build.SourceVersion': '0'.repeat(40),
    'Build.SourceVersionMessage': '',
    'Build.Repository.Name': project,
    'Build.Repository.Provider': 'TfsGit',
    'Build.Repository.Uri': `${sandbox.collectionUri}${project}/_git/${project}`,
    'Build.Repository.Clean': 'False',
    'Build.Repository.Git.SubmoduleCheckout': 'False',
    'Build.Repository.LocalPath': folders.sources,
    'Build.SourcesDirectory': folders.sources,
    'Build.StagingDirectory': folders.staging,
    'Build.ArtifactStagingDirectory': folders.staging,
    'Build.BinariesDirectory': folders.binaries,
    'Common.TestResultsDirectory': folders.testResults,
    'Agent.BuildDirectory': folders.workspace,
    'Pipeline.Workspace': folders.workspace,
  };
}

/** @see https://learn.microsoft.com/azure/devops/pipelines/release/variables */
function releaseVariables({ folders, sandbox, pipeline }: RunIdentity): Record<string, string> {
  const { username } = userInfo();
  return {
    'Release.DefinitionId': '1',
    'Release.DefinitionName': pipeline,
    'Release.DefinitionEnvironmentId': '1',
    'Release.ReleaseId': '1',
    'Release.ReleaseName': 'Release-1',
    'Release.ReleaseDescription': '',
    'Release.ReleaseUri': 'vstfs:///ReleaseManagement/Release/1',
    'Release.ReleaseWebUrl': `${sandbox.collectionUri}${sandbox.world.project.id}/_release?releaseId=1&_a=release-summary`,
    'Release.EnvironmentId': '1',
    'Release.EnvironmentName': 'Stage 1',
    'Release.EnvironmentUri': 'vstfs:///ReleaseManagement/Environment/1',
    'Release.DeploymentId': '1',
    'Release.DeployPhaseId': '1',
    'Release.AttemptNumber': '1',
    'Release.Deployment.RequestedFor': username,
    'Release.RequestedFor': username,
    'Release.Reason': 'Manual',
    'Release.SkipArtifactsDownload': 'False',
    'Agent.ReleaseDirectory': folders.sources,
  };
}

function jobVariables({ settings }: JobContext, { name, displayName, timeout }: JobIdentity) {
  const { service, folders } = settings;
  return {
    'System.PlanId': service.planId,
    'System.JobId': service.jobId,
    'System.TimelineId': randomUUID(),
    'System.OidcRequestUri': service.oidcRequestUri,
    'System.JobName': '__default',
    'System.JobDisplayName': displayName,
    'System.JobAttempt': '1',
    'System.JobTimeout': String(timeout),
    'System.JobIdentifier': `${name}.__default`,
    'System.JobParallelismTag': 'Private',
    'System.JobPositionInPhase': '1',
    'System.TotalJobsInPhase': '1',
    'System.ParallelExecutionType': 'None',
    'System.PhaseName': name,
    'System.PhaseDisplayName': displayName,
    'System.PhaseAttempt': '1',
    'System.PipelineStartTime': new Date().toISOString(),
    'System.IsAzureVM': '0',
    'System.IsDockerContainer': '0',
    'System.WorkFolder': folders.work,
    'Agent.ReadOnlyVariables': 'true',
  };
}

/** @see azure-pipelines-agent, JobRunner.cs, RunAsync */
function agentVariables({ settings }: JobContext, { displayName }: JobIdentity) {
  const { folders } = settings;
  return {
    'Agent.Id': '1',
    'Agent.Name': hostname(),
    'Agent.MachineName': hostname(),
    'Agent.JobName': displayName,
    'Agent.JobStatus': 'Succeeded',
    'Agent.Version': agentVersion,
    'Agent.OS': { win32: 'Windows_NT', darwin: 'Darwin' }[process.platform as string] ?? 'Linux',
    'Agent.OSArchitecture': process.arch.toUpperCase(),
    'Agent.IsSelfHosted': '1',
    'Agent.HomeDirectory': folders.home,
    'Agent.RootDirectory': folders.work,
    'Agent.WorkFolder': folders.work,
    'Agent.TempDirectory': folders.temp,
    'Agent.ToolsDirectory': folders.tools,
    'Agent.CloudId': '',
    'Agent.AcceptTeeEula': 'False',
  };
}

/**
 * Proxy and certificate authority as the agent hands them to tasks: as variables of its own, and nothing else.
 *
 * @see azure-pipelines-agent, ExecutionContext.cs, InitializeJob ("Proxy variables")
 */
function proxyVariables({ settings }: JobContext): Record<string, string> {
  const { sandbox, environment } = settings;
  const bypass = (environment.no_proxy ?? '')
    .split(/[,;]/)
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    // VstsAgentWebProxy.cs, ProcessProxyByPassFromEnv: points are meant as points.
    .map((entry) => entry.replaceAll(/(?<!\\)\.(?!\*)/g, '\\.'));
  return {
    'Agent.ProxyUrl': sandbox.proxyUrl,
    ...(sandbox.proxyCredentials === undefined
      ? {}
      : { 'Agent.ProxyUsername': sandbox.proxyCredentials.user }),
    ...(bypass.length === 0 ? {} : { 'Agent.ProxyBypassList': JSON.stringify(bypass) }),
    'Agent.UseBasicAuthForProxy': 'False',
    'Agent.CAInfo': sandbox.caFile,
  };
}
