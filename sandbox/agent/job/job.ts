/** Running a job: prepared, its steps in their three stages, and cleaned up after. */
import { randomUUID } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { type FinishedJob, type JobsBefore, variableValue } from '../expressions/conditions.ts';
import { Dictionary, toText } from '../expressions/values.ts';
import { endOrphans, lookupVariable } from '../machine/orphans.ts';
import { listTemp } from '../machine/temp-folder.ts';
import type { VariableDeclaration } from '../pipeline/model.ts';
import type { PlannedJob } from '../plan.ts';
import type { Attachment, JobRecord, StepRecord } from '../record.ts';
import { isSecretParameter, type NamedConnection } from '../tasks/connections.ts';
import { setSystemVariables } from '../variables/system-variables.ts';
import { JobContext, type JobSettings } from './job-context.ts';
import { stagesOf } from './stages.ts';
import { runSteps } from './step-runner.ts';

/** What a job is run with. */
export interface JobRequest {
  readonly planned: PlannedJob;
  /** Of the pipeline, then of the job. */
  readonly variables: readonly VariableDeclaration[];
  readonly pipeline: string;
  readonly before: JobsBefore;
  readonly settings: JobSettings;
}

/** A job that is over: for the record, and for the jobs after it. */
export interface FinishedRun {
  readonly record: JobRecord;
  readonly outcome: FinishedJob;
}

/** Runs a job whose condition holds. */
export async function runJob({
  planned,
  variables,
  pipeline,
  before,
  settings,
}: JobRequest): Promise<FinishedRun> {
  const { job: declared, connections } = planned;
  const { minute } = settings;
  const time = { limit: declared.timeout * minute, afterCancellation: declared.cancelTimeout * minute };
  const job = new JobContext(settings, time);
  job.log.section(`Starting: ${declared.displayName}`);

  const mark = `vsts_${randomUUID()}`;
  const ready = initialize(job, () => {
    const { name, displayName, timeout } = declared;
    setSystemVariables(job, { name, displayName, pipeline, timeout });
    job.variables.set(lookupVariable, mark);
    giveVariables(job);
    declareVariables(job, variables, before);
    for (const warning of job.variables.expand()) job.warn(warning);
    for (const connection of connections) connect(job, connection);
  });

  const steps = ready ? await runSteps(job, stagesOf(job, planned.steps)) : [];
  if (job.cancellation.cause === 'timeout') {
    job.error(
      `The job running on agent ${job.variables.get('Agent.Name')} ran longer than the maximum time of ${declared.timeout} minutes. For more information, see https://go.microsoft.com/fwlink/?linkid=2077134`,
    );
  }
  job.cancellation.close();
  const { orphans, attachments, tempAtEnd } = await finalize(job, mark);
  job.log.section(`Finishing: ${declared.displayName}`);
  const secrets = job.variables.all.filter(({ name, secret }) => secret && job.outputs.has(name));
  return {
    record: recordOf(job, planned, { steps, orphans, attachments, tempAtEnd }),
    outcome: {
      result: job.result,
      outputs: job.outputs,
      secrets: new Set(secrets.map(({ value }) => value)),
    },
  };
}

/**
 * Makes a job ready for its first step. What goes wrong fails the job.
 *
 * @returns whether its steps can be run
 * @see azure-pipelines-agent, JobExtension.cs, InitializeJob
 */
function initialize(job: JobContext, prepare: () => void): boolean {
  job.log.section('Starting: Initialize job');
  try {
    prepare();
  } catch (error) {
    job.error(error instanceof Error ? error.message : String(error));
    job.merge('Failed');
    job.log.section('Finishing: Initialize job');
    return false;
  }
  const shortest = job.variables.get('AZP_IGNORE_SECRETS_SHORTER_THAN');
  if (shortest !== undefined) job.masker.ignoreShorterThan(Number.parseInt(shortest, 10) || 0);
  const shown = (name: string) => job.variables.get(name) ?? '';
  job.log.write(`Agent name: '${shown('Agent.Name')}'`);
  job.log.write(`Agent machine name: '${shown('Agent.MachineName')}'`);
  job.log.write(`Current agent version: '${shown('Agent.Version')}'`);
  job.log.write(`Agent running as: '${userInfo().username}'`);
  job.log.write(`Agent is running behind proxy server: '${shown('Agent.ProxyUrl')}'`);
  job.log.section('Finishing: Initialize job');
  return true;
}

/** Sets what was given when the run was started, in the forms in which tools are known to print secrets. */
function giveVariables(job: JobContext): void {
  for (const [name, given] of Object.entries(job.settings.variables)) {
    const { value, secret } = typeof given === 'string' ? { value: given, secret: false } : given;
    if (secret) job.masker.addVariable(value);
    job.variables.set(name, value, { secret });
  }
}

/** Sets the pipeline's own variables; `$[ ]` may use those before it, and what it takes from a secret is secret. */
function declareVariables(
  job: JobContext,
  variables: readonly VariableDeclaration[],
  before: JobsBefore,
): void {
  const secrets = [...before.direct.values()]
    .flatMap((one) => [...one.secrets])
    .filter((secret) => secret !== '');
  for (const { name, value, readOnly } of variables) {
    if (typeof value === 'string') {
      job.variables.set(name, value, { readOnly });
    } else {
      const visible = new Dictionary(job.variables.all.map((one) => [one.name, one.value]));
      const text = toText(variableValue(value.expression, before, visible)) ?? '';
      job.variables.set(name, text, { readOnly, secret: secrets.some((secret) => text.includes(secret)) });
    }
  }
}

/** Gives a job a connection: variables put into its data, its secrets masked. */
function connect(job: JobContext, connection: NamedConnection): void {
  const data = Object.entries(connection.data).map(([key, value]) => [key, job.variables.expandIn(value)]);
  job.connections.set(connection.id, { ...connection, data: Object.fromEntries(data) });
  for (const [key, value] of Object.entries(connection.parameters)) {
    if (isSecretParameter(key)) job.masker.add(value);
  }
}

/** Files are uploaded first, then the temp folder is looked at and emptied (JobRunner.cs, CompleteJobAsync). */
async function finalize(job: JobContext, mark: string) {
  const { folders, keepTemp } = job.settings;
  job.log.section('Starting: Finalize Job');
  job.log.write('Cleaning up task key');
  await rm(join(folders.work, '.taskkey'), { force: true });
  job.log.write('Start cleaning up orphan processes.');
  const orphans = await endOrphans(mark);
  for (const orphan of orphans) job.log.write(`Terminate orphan process: ${orphan}`);
  job.log.section('Finishing: Finalize Job');

  const attachments = await uploadAttachments(job);
  const tempAtEnd = await listTemp(folders.temp, job.masker);
  if (!keepTemp) {
    await rm(folders.temp, { recursive: true, force: true }).catch((error: Error) => {
      job.warn(`The temp folder could not be emptied: ${error.message}`);
    });
  }
  return { orphans, attachments, tempAtEnd };
}

async function uploadAttachments(job: JobContext): Promise<Attachment[]> {
  const uploaded: Attachment[] = [];
  for (const { type, name, file, step } of job.attachments) {
    try {
      const content = job.masker.mask(await readFile(file, 'utf8'));
      uploaded.push({ type, name, step, content: content.text, maskedCount: content.count });
    } catch {
      job.warn(`Can't attach (type:${type} name:${name}) file: ${file}. File does not exist.`);
    }
  }
  return uploaded;
}

interface Findings {
  readonly steps: readonly StepRecord[];
  readonly orphans: readonly string[];
  readonly attachments: JobRecord['attachments'];
  readonly tempAtEnd: JobRecord['tempAtEnd'];
}

function recordOf(job: JobContext, { job: declared }: PlannedJob, findings: Findings): JobRecord {
  const hide = (value: string) => job.masker.mask(value).text;
  const { host } = job.settings;
  return {
    name: declared.name,
    displayName: declared.displayName,
    result: job.result,
    ...findings,
    outputs: Object.fromEntries([...job.outputs].map(([name, value]) => [name, hide(value)])),
    variables: Object.fromEntries(
      job.variables.all.map(({ name, value, secret }) => [name, secret ? '***' : hide(value)]),
    ),
    buildTags: job.buildTags.map(hide),
    runName: hide(job.variables.get(host === 'build' ? 'Build.BuildNumber' : 'Release.ReleaseName') ?? ''),
    issues: job.issues,
    log: job.log.lines,
    maskedCount: job.log.maskedCount,
  };
}
