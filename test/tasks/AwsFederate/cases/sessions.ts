/** Name, length and region of the session, and where each is taken from. */
import assert from 'node:assert/strict';
import { callsOf, errorCode, logOf } from '../../../rig/findings.ts';
import type { Trial } from '../../../rig/trial.ts';
import type { TaskCase } from './task-case.ts';

/** What STS was asked for. */
function asked(trial: Trial) {
  const [request, ...more] = callsOf(trial, 'AssumeRoleWithWebIdentity');
  assert(request && more.length === 0, 'STS was asked once');
  return request;
}

/** A case about one setting that may be written in several places. */
function settingCase(
  name: string,
  given: Pick<TaskCase, 'variables' | 'environment' | 'host'> & {
    readonly inputs?: string;
    readonly data?: Readonly<Record<string, string | null>>;
  },
  expect: (trial: Trial) => void,
): TaskCase {
  const { inputs = '', data = {}, ...attempt } = given;
  return {
    ...attempt,
    name,
    world: { connections: { 'aws-production': { data } } },
    pipeline: `
steps:
  - task: AwsFederate@1
    inputs:
      awsConnection: aws-production
      ${inputs}`,
    expect(trial) {
      assert.equal(trial.record.result, 'Succeeded', logOf(trial.task));
      expect(trial);
    },
  };
}

const regionCase = (name: string, region: string, given: Parameters<typeof settingCase>[1]): TaskCase =>
  settingCase(name, given, (trial) => {
    assert.equal(asked(trial).host, `sts.${region}.amazonaws.com`);
    assert.equal(trial.job.variables.AWS_REGION, region);
    assert.equal(trial.job.variables.AWS_DEFAULT_REGION, region);
  });

const durationCase = (
  name: string,
  seconds: string | undefined,
  given: Parameters<typeof settingCase>[1],
): TaskCase => settingCase(name, given, (trial) => assert.equal(asked(trial).form?.DurationSeconds, seconds));

const nameCase = (
  name: string,
  sessionName: string,
  given: Parameters<typeof settingCase>[1],
  expect: (trial: Trial) => void = () => {},
): TaskCase =>
  settingCase(name, given, (trial) => {
    assert.equal(asked(trial).form?.RoleSessionName, sessionName);
    assert(trial.job.outputs['AwsFederate.assumedRoleArn']?.endsWith(`/deployer/${sessionName}`));
    expect(trial);
  });

const elsewhere = { 'AWS.Region': 'eu-north-1' };

export const sessions: readonly TaskCase[] = [
  regionCase('the region of the input comes first', 'us-west-2', {
    inputs: 'region: us-west-2',
    variables: elsewhere,
  }),
  regionCase('then the region of the connection', 'eu-west-1', { variables: elsewhere }),
  regionCase('then the variable AWS.Region', 'eu-north-1', {
    data: { region: null },
    variables: elsewhere,
    environment: { AWS_REGION: 'ap-south-1' },
  }),
  regionCase('then AWS_REGION of the agent’s machine', 'ap-south-1', {
    data: { region: null },
    environment: { AWS_REGION: 'ap-south-1' },
  }),
  regionCase('the region may be written as awsRegion', 'us-east-2', { inputs: 'awsRegion: us-east-2' }),
  regionCase('or as regionName', 'ca-central-1', { inputs: 'regionName: ca-central-1' }),

  durationCase('without a duration STS decides', undefined, {}),
  durationCase('the duration of the input comes first', '900', {
    inputs: 'sessionDuration: 900',
    data: { sessionDuration: '1800' },
  }),
  durationCase('then the duration of the connection', '1800', {
    data: { sessionDuration: '1800' },
    variables: { 'aws.rolecredential.maxduration': '2700' },
  }),
  durationCase('then the variable of AWS Toolkit', '2700', {
    variables: { 'aws.rolecredential.maxduration': '2700' },
  }),
  durationCase('the duration may be written as roleDurationSeconds', '7200', {
    inputs: 'roleDurationSeconds: 7200',
  }),

  nameCase('a build’s session says project, pipeline and run', 'shop-azure-pipelines-1', {}),
  nameCase('a release’s session does too', 'shop-azure-pipelines-1', { host: 'release' }),
  nameCase(
    'a name that STS would refuse is made one that it takes, and the log says how',
    'Release-of-Shop-Zurich-v1.2',
    { inputs: 'sessionName: "Release of: Shop (Zürich) / v1.2"' },
    ({ task }) =>
      assert.equal(
        task.issues[0]?.message,
        'The session name "Release of: Shop (Zürich) / v1.2" is used as "Release-of-Shop-Zurich-v1.2": STS takes 2 to 64 letters, digits and _+=,.@-',
      ),
  ),
  nameCase('the name may be written as roleSessionName', 'deploy@shop', {
    inputs: 'roleSessionName: deploy@shop',
    data: { sessionName: 'not-this' },
  }),

  {
    name: 'all settings that cannot work are told in one message, and nothing is asked',
    inputChecks: 'warning',
    pipeline: `
steps:
  - task: AwsFederate@1
    inputs:
      awsConnection: aws-production
      roleArn: deployer
      region: Frankfurt
      sessionDuration: an hour
      allowedAccounts: 1111-2222-3333
      externalId: "#"
      profileName: "[default]"
      renew: perhaps
      checkOnly: "no"`,
    expect(trial) {
      assert.equal(errorCode(trial.task), 'INPUT_INVALID');
      const log = logOf(trial.task);
      for (const named of [
        'roleArn',
        'region',
        'sessionDuration',
        'allowedAccounts',
        'externalId',
        'profileName',
      ])
        assert.match(log, new RegExp(`^ {2}- input ${named}\\b`, 'm'));
      for (const named of ['renew', 'checkOnly'])
        assert.match(log, new RegExp(`^ {2}- input ${named} is "`, 'm'));
      assert.deepEqual(trial.requests, []);
    },
  },
];
