/** Commands about the run as a whole, and those that only the service could obey. */
import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { buildIdOf, type CommandArea, type CommandHandler, property } from './area.ts';
import { queueFile } from './task-area.ts';

const addBuildTag: CommandHandler = {
  run(step, { data }) {
    const build = buildIdOf(step);
    const tag = data.trim();
    if (tag === '') throw new Error('Build tag is required.');
    const { buildTags } = step.job;
    if (!buildTags.includes(tag)) buildTags.push(tag);
    step.write(`Build '${build}' has following tags now: ${buildTags.join(', ')}`);
  },
};

const updateBuildNumber: CommandHandler = {
  run(step, { data }) {
    const build = buildIdOf(step);
    if (data === '') throw new Error('Build number is required.');
    step.job.variables.set('Build.BuildNumber', data);
    step.write(`Update build number to ${data} for build ${build}`);
  },
};

const uploadLog: CommandHandler = {
  run: (step, { data }) =>
    queueFile(
      step,
      'DistributedTask.Core.Log',
      'CustomToolLog',
      data,
      () => `Log file path is not provided or file doesn't exist: '${data}'`,
    ),
};

/** Deprecated, and still obeyed. */
const uploadSummary: CommandHandler = {
  run: (step, { data }) =>
    queueFile(
      step,
      'DistributedTask.Core.Summary',
      `CustomMarkDownSummary-${basename(data)}`,
      data,
      () => `Markdown summary file path is not provided or file doesn't exist: '${data}'`,
    ),
};

/** @see azure-pipelines-agent, Agent.Worker/Build/BuildCommandExtension.cs */
export const buildArea: CommandArea = {
  name: 'build',
  hosts: ['build', 'release'],
  commands: new Map([
    ['addbuildtag', addBuildTag],
    ['updatebuildnumber', updateBuildNumber],
    ['uploadlog', uploadLog],
    ['uploadsummary', uploadSummary],
  ]),
};

const upload: CommandHandler = {
  run(step, command) {
    const build = buildIdOf(step);
    const name = property(command, 'artifactname');
    if (name === undefined) throw new Error('Artifact Name is required.');
    if (command.data === '') throw new Error('Artifact location is required.');
    const path = resolve(command.data);
    if (!existsSync(path)) throw new Error(`Path does not exist: ${command.data}`);
    const folder = property(command, 'containerfolder') ?? name;
    step.write(`Upload '${path}' to file container: '#/1/${folder}'`);
    step.write(`Associated artifact 1 with build ${build}`);
  },
};

const associate: CommandHandler = {
  run(step, command) {
    const build = buildIdOf(step);
    if (property(command, 'artifactname') === undefined) throw new Error('Artifact Name is required.');
    if (command.data === '') throw new Error('Artifact location is required.');
    step.write(`Associated artifact 1 with build ${build}`);
  },
};

/** @see azure-pipelines-agent, Agent.Worker/Build/ArtifactCommandExtension.cs */
export const artifactArea: CommandArea = {
  name: 'artifact',
  hosts: ['build', 'release'],
  commands: new Map([
    ['upload', upload],
    ['associate', associate],
  ]),
};

const updateReleaseName: CommandHandler = {
  run(step, { data }) {
    const release = step.job.variables.get('Release.ReleaseId') ?? '';
    if (data === '') throw new Error('Release name is required.');
    step.job.variables.set('Release.ReleaseName', data);
    step.write(`Update release name to ${data} for release ${release}.`);
  },
};

/** @see azure-pipelines-agent, Agent.Worker/Release/ReleaseCommandExtension.cs */
export const releaseArea: CommandArea = {
  name: 'release',
  hosts: ['release'],
  commands: new Map([['updatereleasename', updateReleaseName]]),
};

/** Tasks tell Microsoft how they are used; nobody listens here. */
export const telemetryArea: CommandArea = {
  name: 'telemetry',
  hosts: ['build', 'release'],
  commands: new Map([['publish', { run() {} }]]),
};

/** A command whose work is the service's: saying nothing would look as if it had been done. */
const refused = (what: string): CommandHandler => ({
  run() {
    throw new Error(`${what} are kept by the service; the local agent cannot publish them`);
  },
});

export const resultsArea: CommandArea = {
  name: 'results',
  hosts: ['build', 'release'],
  commands: new Map([['publish', refused('test results')]]),
};

export const codeCoverageArea: CommandArea = {
  name: 'codecoverage',
  hosts: ['build'],
  commands: new Map([
    ['publish', refused('coverage results')],
    ['enable', refused('coverage results')],
  ]),
};
