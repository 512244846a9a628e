/** Reading a pipeline file, strictly: what is not known here is said with file and line, and never ignored. */
import { basename } from 'node:path';
import { FileFault } from '../../checked-yaml.ts';
import { parseJobCondition, succeeded } from '../expressions/conditions.ts';
import { Fields } from './fields.ts';
import { inOrder } from './graph.ts';
import type { Job, Pipeline } from './model.ts';
import { type Faults, readSource, type Source } from './source.ts';
import { readCondition, readSteps } from './steps.ts';
import { readVariables } from './variables.ts';

/** Who starts a pipeline, and where it runs, are the service's business; the local agent is asked by its user. */
const ofTheService = ['trigger', 'pr', 'schedules', 'pool', 'name'];

const refusedInPipeline = {
  stages: "stages are not run here; write the stage's jobs under jobs:",
  parameters: 'parameters are not evaluated here; write their values',
  extends: 'templates are not read here; write the jobs of the template',
  resources:
    'resources are not fetched here; leave them out, and use what is in the folder of the pipeline file',
  lockBehavior: 'lockBehavior is about environments of the service; leave it out',
};

const refusedInJob = {
  deployment: "deployment jobs are not run here; write 'job:' and the steps of its strategy",
  template: 'templates are not read here; write the jobs here',
  strategy: 'matrix and parallel are not run here; write one job for each value',
  container: 'containers are not run here; leave it out to run on the host',
  services: 'service containers are not run here; start what is needed in a script step',
  templateContext: 'templateContext is for templates, which are not read here; leave it out',
};

const jobKeys = [
  ...['job', 'dependsOn', 'condition', 'variables', 'steps', 'displayName', 'timeoutInMinutes'],
  'cancelTimeoutInMinutes',
];

/** Without meaning here: one agent runs everything, and makes a new workspace for every job. */
const jobKeysOfTheService = ['pool', 'workspace'];

/**
 * Reads a pipeline.
 *
 * @param file name used in faults, and for the pipeline's own name
 * @throws FileFault listing everything that is wrong, each as `file:line:column: what to do`
 */
export function parsePipeline(text: string, file: string): Pipeline {
  const faults: string[] = [];
  const fault: Faults = (place, message) => void faults.push(`${place}: ${message}`);
  const source = readSource(text, file, fault);
  if (source === undefined) throw new FileFault(faults);

  const known = ['variables', 'jobs', 'steps', ...ofTheService];
  const fields = new Fields(source, 'a pipeline', known, refusedInPipeline, fault);
  const variables = readVariables(fields.source('variables'), fault);
  const jobs = inOrder(readJobs(fields, fault), fault);
  if (faults.length > 0) throw new FileFault(faults);
  return { file, name: basename(file).replace(/\.ya?ml$/i, ''), variables, jobs };
}

function readJobs(pipeline: Fields, fault: Faults): Job[] {
  const jobs = pipeline.list('jobs');
  const steps = pipeline.list('steps');
  if (jobs !== undefined && steps !== undefined) {
    fault(
      pipeline.placeOf('steps'),
      "a pipeline has jobs or steps; move these steps into a job under 'jobs'",
    );
  }
  if (jobs !== undefined) return jobs.items.map((item, index) => readJob(item, index, fault));
  if (steps === undefined) {
    if (!pipeline.has('jobs') && !pipeline.has('steps')) {
      fault(pipeline.place, 'there is nothing to run; write steps, or jobs');
    }
    return [];
  }
  return [
    {
      name: 'Job',
      displayName: 'Job',
      dependsOn: [],
      condition: succeeded,
      variables: [],
      ...readSteps(steps, fault),
      timeout: defaultTimeout,
      cancelTimeout: defaultCancelTimeout,
      place: steps.place,
    },
  ];
}

/** Minutes; what a job gets on a hosted agent when it says nothing (Specify jobs in your pipeline, "Timeouts"). */
const defaultTimeout = 60;
const defaultCancelTimeout = 5;

function readJob(item: Source, index: number, fault: Faults): Job {
  const fields = new Fields(item, 'a job', [...jobKeys, ...jobKeysOfTheService], refusedInJob, fault);
  if (
    item.kind === 'map' &&
    !fields.has('job') &&
    !item.entries.some(({ key }) => Object.hasOwn(refusedInJob, key))
  ) {
    fault(item.place, "a job begins with 'job:' and its name");
  }
  const name = fields.text('job') || `Job${index + 1}`;
  if (!/^[A-Za-z_]\w*$/.test(name)) {
    fault(
      fields.placeOf('job'),
      `Job ${name} has an invalid name. Valid names may only contain alphanumeric characters and '_' and may not start with a number.`,
    );
  }
  const steps = fields.list('steps');
  if (steps === undefined && !fields.has('steps'))
    fault(fields.place, `job ${name} has no steps; write steps`);
  return {
    name,
    displayName: fields.text('displayName') ?? name,
    dependsOn: fields.texts('dependsOn') ?? [],
    condition: readCondition(fields, parseJobCondition, fault),
    variables: readVariables(fields.source('variables'), fault),
    ...(steps === undefined ? { steps: [], checkout: true } : readSteps(steps, fault)),
    timeout: fields.wholeNumber('timeoutInMinutes', defaultTimeout),
    cancelTimeout: fields.wholeNumber('cancelTimeoutInMinutes', defaultCancelTimeout),
    place: fields.place,
  };
}
