/** Every identity with every hand-off, in builds and in releases. */
import assert from 'node:assert/strict';
import { callsOf, errorCode, logOf, stepNamed } from '../../../rig/findings.ts';
import type { Attempt, Trial } from '../../../rig/trial.ts';
import {
  azureMachine,
  azureMachineV2,
  ec2Machine,
  keyFields,
  machineRole,
  noProfileFiles,
  toolkit,
  userIdentity,
} from './machines.ts';
import { deployer, step, type TaskCase } from './task-case.ts';

interface Identity extends Pick<Attempt, 'world' | 'environment'> {
  readonly name: string;
  readonly inputs: Readonly<Record<string, string>>;
  /** Who later steps are: what stands after `assumed-role/` or `user/`. */
  readonly who: RegExp;
  /** Legs of the way and the two checks that are always there. */
  readonly checks: number;
  /** What the issuer said of itself; empty where there was none. */
  readonly issuer: RegExp;
}

const none = /^$/;
const identitiesTried: readonly Identity[] = [
  {
    name: 'connection',
    inputs: { identity: 'connection', awsConnection: 'aws-production' },
    who: /assumed-role\/deployer\/shop-/,
    checks: 4,
    issuer: /^https:\/\/vstoken\.dev\.azure\.com\//,
  },
  {
    name: 'toolkitConnection with OIDC',
    inputs: { identity: 'toolkitConnection', toolkitConnection: 'toolkit', region: 'eu-west-1' },
    world: toolkit({ useOIDC: 'true', assumeRoleArn: deployer, externalId: 'not-sent' }),
    who: /assumed-role\/deployer\/shop-/,
    checks: 4,
    issuer: /^https:\/\/vstoken\.dev\.azure\.com\//,
  },
  {
    name: 'toolkitConnection with keys',
    inputs: { identity: 'toolkitConnection', awsCredentials: 'toolkit', region: 'eu-west-1' },
    world: toolkit(keyFields),
    who: /user\/toolkit$/,
    checks: 3,
    issuer: none,
  },
  {
    name: 'toolkitConnection with keys, a role and an external ID',
    inputs: { identity: 'toolkitConnection', toolkitConnection: 'toolkit', region: 'eu-west-1' },
    world: toolkit({
      ...keyFields,
      assumeRoleArn: machineRole,
      externalId: 'shop-42',
      roleSessionName: 'of-the-connection',
    }),
    who: /assumed-role\/machine\/(of-the-connection|\*\*\*)$/,
    checks: 4,
    issuer: none,
  },
  {
    name: 'managedIdentity, system-assigned',
    inputs: {
      identity: 'managedIdentity',
      managedIdentityResource: 'api://AzureADTokenExchange',
      region: 'eu-west-1',
      roleArn: machineRole,
    },
    world: azureMachine,
    who: /assumed-role\/machine\/shop-/,
    checks: 4,
    issuer: /^https:\/\/sts\.windows\.net\/[0-9a-f-]{36}\/$/,
  },
  {
    name: 'managedIdentity, user-assigned, with tokens of the v2.0 form',
    inputs: {
      identity: 'managedIdentity',
      managedIdentityResource: 'api://AzureADTokenExchange',
      managedIdentityClientId: userIdentity.clientId,
      region: 'eu-west-1',
      roleArn: machineRole,
    },
    world: azureMachineV2,
    who: /assumed-role\/machine\/shop-/,
    checks: 4,
    issuer: /^https:\/\/login\.microsoftonline\.com\/[0-9a-f-]{36}\/v2\.0$/,
  },
  {
    name: 'environment, an EC2 instance profile',
    inputs: { identity: 'environment', region: 'eu-west-1' },
    world: ec2Machine,
    environment: noProfileFiles,
    who: /assumed-role\/instance\/i-/,
    checks: 3,
    issuer: none,
  },
  {
    name: 'environment, a role chained from an EC2 instance profile',
    inputs: { identity: 'environment', region: 'eu-west-1', roleArn: machineRole },
    world: ec2Machine,
    environment: noProfileFiles,
    who: /assumed-role\/machine\/shop-/,
    checks: 4,
    issuer: none,
  },
];

/** A script of a later step for each hand-off, as its user would write it. */
const laterSteps = {
  profile: '',
  variables: `
    env:
      AWS_SECRET_ACCESS_KEY: $(AWS_SECRET_ACCESS_KEY)
      AWS_SESSION_TOKEN: $(AWS_SESSION_TOKEN)`,
  toolkitVariables: `
    env:
      AWS_ACCESS_KEY_ID: $(AWS.AccessKeyID)
      AWS_SECRET_ACCESS_KEY: $(AWS.SecretAccessKey)
      AWS_SESSION_TOKEN: $(AWS.SessionToken)
      AWS_REGION: $(AWS.Region)`,
};

const written = (inputs: Readonly<Record<string, string>>) =>
  Object.entries(inputs)
    .map(([name, value]) => `      ${name}: ${JSON.stringify(value)}`)
    .join('\n');

/** The agent masks every field of a Toolkit connection: the role and its session name are shown as ***. */
const masksMore = ({ identity }: Identity['inputs']) =>
  identity === 'toolkitConnection' ? ({ masksMore: true } as const) : {};

function attempt({ world, environment, inputs }: Pick<Identity, 'world' | 'environment' | 'inputs'>) {
  return { ...(world && { world }), ...(environment && { environment }), ...masksMore(inputs) };
}

const handedOff = identitiesTried.flatMap((identity) =>
  Object.entries(laterSteps).flatMap(([handOff, environment]) =>
    (['build', 'release'] as const).map(
      (host): TaskCase => ({
        name: `${identity.name}, handed off as ${handOff}, in a ${host}`,
        host,
        ...attempt(identity),
        pipeline: `
steps:
  - task: AwsFederate@1
    name: aws
    inputs:
${written({ ...identity.inputs, handOff })}
  - bash: |
      ${step('identity.mjs')}
    displayName: Use it${environment}`,
        expect(trial) {
          assert.equal(trial.record.result, 'Succeeded', logOf(trial.task));
          const [, arn = ''] = /^I am (.+)\.$/m.exec(logOf(stepNamed(trial, 'Use it'))) ?? [];
          assert.match(arn, identity.who);
          const { outputs } = trial.job;
          assert.match(outputs['aws.assumedRoleArn'] ?? '', identity.who);
          assert.match(outputs['aws.issuer'] ?? '', identity.issuer);
          assert.equal(
            trial.job.variables.AWS_PROFILE,
            handOff === 'profile' ? 'keyless-delivery' : undefined,
          );
        },
      }),
    ),
  ),
);

const checked = identitiesTried.map(
  (identity): TaskCase => ({
    name: `${identity.name}, checked only`,
    ...attempt(identity),
    pipeline: `
steps:
  - task: AwsFederate@1
    inputs:
${written({ ...identity.inputs, checkOnly: 'true' })}`,
    expect(trial) {
      assert.match(
        logOf(trial.task),
        new RegExp(`^All ${identity.checks} checks passed; nothing was changed\\.$`, 'm'),
      );
      assert.deepEqual(
        trial.task.commands.filter(({ event }) => /^(setvariable|settaskvariable)$/.test(event)),
        [],
      );
    },
  }),
);

/** Identities that cannot be had, and the code that says so. */
const refused: readonly (Omit<Identity, 'who' | 'checks' | 'issuer'> & {
  readonly code: string;
  readonly said: RegExp;
  readonly asked?: (trial: Trial) => void;
})[] = [
  {
    name: 'a managed identity that is not on the machine',
    inputs: {
      identity: 'managedIdentity',
      managedIdentityResource: 'api://AzureADTokenExchange',
      managedIdentityClientId: '00000000-0000-4000-8000-000000000000',
      region: 'eu-west-1',
      roleArn: machineRole,
    },
    world: azureMachine,
    code: 'MANAGED_IDENTITY_REFUSED',
    said: /Identity not found[\s\S]*az vm identity assign/,
  },
  {
    name: 'a managed identity that the role does not trust',
    inputs: {
      identity: 'managedIdentity',
      managedIdentityResource: 'api://AzureADTokenExchange',
      region: 'eu-west-1',
      roleArn: machineRole,
    },
    world: { ...azureMachineV2 },
    code: 'PROVIDER_MISSING',
    said: /create-open-id-connect-provider --url https:\/\/sts\.windows\.net\/[0-9a-f-]{36}\/ /,
  },
  {
    name: 'a machine without AWS credentials',
    inputs: { identity: 'environment', region: 'eu-west-1' },
    environment: { ...noProfileFiles, AWS_EC2_METADATA_DISABLED: 'true' },
    code: 'NO_CREDENTIALS',
    said: /The places looked at/,
  },
  {
    name: 'a Toolkit connection with half a key',
    inputs: { identity: 'toolkitConnection', toolkitConnection: 'toolkit', region: 'eu-west-1' },
    world: toolkit({ username: keyFields.username }),
    code: 'INPUT_INVALID',
    said: /only one of "Access Key ID" and "Secret Access Key"/,
    asked: (trial) => assert.deepEqual(trial.requests, []),
  },
  {
    name: 'a Toolkit connection with OIDC and no role',
    inputs: { identity: 'toolkitConnection', toolkitConnection: 'toolkit', region: 'eu-west-1' },
    world: toolkit({ useOIDC: 'true' }),
    code: 'INPUT_INVALID',
    said: /no role is named/,
    asked: (trial) => assert.deepEqual(trial.requests, []),
  },
  {
    name: 'a Toolkit connection whose keys are no longer valid',
    inputs: { identity: 'toolkitConnection', toolkitConnection: 'toolkit', region: 'eu-west-1' },
    world: toolkit({ ...keyFields, username: 'AKIAGONEAAAAAAAAAAAA' }),
    code: 'REQUEST_REFUSED',
    said: /Stored keys may have been deactivated/,
    asked: (trial) => assert.equal(callsOf(trial, 'GetCallerIdentity').length, 1),
  },
];

const refusals = refused.map(
  ({ name, inputs, world, environment, code, said, asked }): TaskCase => ({
    name: `${name} is refused: ${code}`,
    ...attempt({ inputs, ...(world && { world }), ...(environment && { environment }) }),
    ...(environment && { environment }),
    pipeline: `
steps:
  - task: AwsFederate@1
    inputs:
${written(inputs)}`,
    expect(trial) {
      assert.equal(errorCode(trial.task), code, logOf(trial.task));
      assert.match(logOf(trial.task), said);
      asked?.(trial);
    },
  }),
);

export const identities: readonly TaskCase[] = [...handedOff, ...checked, ...refusals];
