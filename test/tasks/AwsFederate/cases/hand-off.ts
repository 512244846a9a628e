/** What later steps get. */
import assert from 'node:assert/strict';
import { profileVariables } from '../../../../lib/identity/hand-off/profile.ts';
import { callsOf, logOf, stepNamed } from '../../../rig/findings.ts';
import type { Trial } from '../../../rig/trial.ts';
import { reader, sessionOf, step, type TaskCase } from './task-case.ts';

/** Sessions as the step `name` was given them by the credential process. */
const sessionsIn = (trial: Trial, name: string): string[] =>
  [...logOf(stepNamed(trial, name)).matchAll(/^exit code 0, version 1, session (\S+) until \S+$/gm)].map(
    ([, session = '']) => session,
  );

export const handOff: readonly TaskCase[] = [
  {
    name: 'later steps are the role, though keys lie about under the name default; every variable arrives',
    pipeline: `
steps:
  - task: AwsFederate@1
    inputs:
      awsConnection: aws-production
      handOff: profile
  - bash: |
      ${step('identity.mjs')}
      ${step('permissions.mjs')}
    displayName: Use it`,
    expect(trial) {
      const used = logOf(stepNamed(trial, 'Use it'));
      assert(used.includes(`I am ${sessionOf('deployer')}.\n`), used);
      const set = trial.task.commands.filter(
        ({ event, properties }) => event === 'setvariable' && properties.isoutput === undefined,
      );
      assert.deepEqual(set.map(({ properties }) => properties.variable).sort(), [...profileVariables].sort());
      for (const { properties, data } of set) {
        assert.equal(trial.job.variables[properties.variable ?? ''], data, `${properties.variable} arrived`);
      }
      const permissions = [...used.matchAll(/^(\d{3}) keyless-delivery/gm)].map(([, mode]) => mode);
      assert(permissions.length >= 7, used);
      if (process.platform !== 'win32')
        assert(
          permissions.every((mode) => mode === '600' || mode === '700'),
          used,
        );
      // The session is handed out as often as it is asked for, and was fetched once.
      assert.equal(callsOf(trial, 'AssumeRoleWithWebIdentity').length, 1);
    },
  },
  {
    name: 'credentials in variables of the job, which tools would prefer, are emptied and named in a warning',
    pipeline: `
variables:
  AWS_ACCESS_KEY_ID: AKIAIOSFODNN7EXAMPLE
  AWS_SECRET_ACCESS_KEY: wJalrXUtnFEMI-K7MDENG-bPxRfiCYEXAMPLEKEY
  AWS_WEB_IDENTITY_TOKEN_FILE: /nowhere/token
steps:
  - task: AwsFederate@1
    inputs:
      awsConnection: aws-production
  - bash: |
      ${step('identity.mjs')}
    displayName: Use it`,
    expect(trial) {
      const used = logOf(stepNamed(trial, 'Use it'));
      assert(used.includes(`I am ${sessionOf('deployer')}.\n`), used);
      const [warning] = trial.task.issues.filter(({ type }) => type === 'warning');
      assert.equal(
        warning?.message,
        'Emptied for the later steps, whose tools would prefer them to the profile: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_WEB_IDENTITY_TOKEN_FILE.',
      );
    },
  },
  {
    name: 'several steps share a job, each with a profile of its own, one of them called default',
    pipeline: `
steps:
  - task: AwsFederate@1
    inputs:
      awsConnection: aws-production
      profile: shop@eu
      region: eu-central-1
  - task: AwsFederate@1
    inputs:
      awsConnection: aws-production
      roleArn: ${reader}
      profileName: default
      renew: false
  - bash: |
      ${step('identity.mjs')}
      AWS_PROFILE=shop@eu ${step('identity.mjs')}
    displayName: Use both
  - bash: AWS_PROFILE=shop@eu ${step('credentials.mjs')}
    displayName: Use the first`,
    expect(trial) {
      const used = logOf(stepNamed(trial, 'Use both'));
      const said = [...used.matchAll(/^I am (.+)\.$/gm)].map(([, arn]) => arn);
      assert.deepEqual(said, [sessionOf('reader'), sessionOf('deployer')]);
      assert.equal(sessionsIn(trial, 'Use the first').length, 1);
      assert.equal(trial.job.variables.AWS_PROFILE, 'default');
      const removed = trial.job.steps.filter(({ stage }) => stage === 'post-job').map(logOf);
      assert.match(removed[0] ?? '', /^The profile default and its credentials are removed\.$/m);
      assert.match(removed[1] ?? '', /^The profile shop@eu and its credentials are removed\.$/m);
    },
  },
  {
    name: 'without renewal the file holds this session only, and no access token of the job',
    pipeline: `
steps:
  - task: AwsFederate@1
    inputs:
      awsConnection: aws-production
      renew: false
  - bash: |
      ${step('identity.mjs')}
      ${step('permissions.mjs')}
    displayName: Use it`,
    expect(trial) {
      const used = logOf(stepNamed(trial, 'Use it'));
      assert(used.includes(`I am ${sessionOf('deployer')}.\n`), used);
      assert(!used.includes('state.json'), used);
      assert.match(logOf(trial.task), /^Later steps are \S+ until \d{4}-\S+Z\.$/m);
    },
  },
  {
    name: 'a session is renewed before its end, with a new ID token and one call',
    world: { accounts: { '111122223333': { roles: { deployer: { sessionLifetime: 6 } } } } },
    pipeline: `
steps:
  - task: AwsFederate@1
    inputs:
      awsConnection: aws-production
      renew: true
  - bash: |
      sleep 5
      ${step('credentials.mjs')}
      ${step('credentials.mjs')}
    displayName: Use it`,
    expect(trial) {
      const used = sessionsIn(trial, 'Use it');
      assert.equal(used.length, 2);
      assert.equal(used[0], used[1]);
      assert.equal(callsOf(trial, 'AssumeRoleWithWebIdentity').length, 2);
      assert.equal(callsOf(trial, 'oidctoken').length, 2);
    },
  },
];
