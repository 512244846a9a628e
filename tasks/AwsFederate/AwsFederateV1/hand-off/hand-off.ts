import { join } from 'node:path';
import type { InputReader, Task } from '../../../../lib/agent/index.ts';
import type { AwsCredentials } from '../../../../lib/aws/index.ts';
import {
  credentialVariables,
  environmentBlock,
  type FederationSettings,
  type HandedVariable,
  isProfileName,
  rivalVariables,
  sdkVariables,
  toolkitVariables,
  writeProfile,
} from '../../../../lib/identity/index.ts';
import type { NetworkSettings } from '../../../../lib/network/index.ts';

/** How later steps get the credentials, as the inputs say. */
export interface HandOff {
  readonly kinds: readonly ('profile' | 'variables' | 'toolkitVariables')[];
  readonly profileName: string;
  readonly renew: boolean;
}

export function readHandOff(inputs: InputReader): HandOff {
  const kinds = inputs.choices('handOff', ['profile', 'variables', 'toolkitVariables'], ['profile']);
  const profileName = inputs.text('profileName') ?? 'keyless-delivery';
  if (!isProfileName(profileName)) {
    inputs.fault(
      `input profileName is "${profileName}": use up to 64 letters, digits and _.@+-, beginning with a letter or digit.`,
    );
  }
  return { kinds, profileName, renew: inputs.flag('renew', true) };
}

/** What the later steps are to have: the session at hand, and what renews it. */
export interface Handed {
  readonly credentials: AwsCredentials;
  readonly settings: FederationSettings;
  readonly network: NetworkSettings;
}

/** Hands the credentials on, each kind in a section of the log. @throws DeliveryError HAND_OFF_FAILED */
export async function handOn(task: Task, handOff: HandOff, handed: Handed): Promise<void> {
  for (const kind of handOff.kinds) {
    const name = kind === 'profile' ? `profile ${handOff.profileName}` : kind;
    await task.step(`Hand the credentials to later steps as ${name}`, () => {
      if (kind === 'profile') asProfile(task, handOff, handed);
      else asVariables(task, kind, handed);
    });
  }
}

/** Whether every later step has credentials until the job ends. */
export function lastsAsLongAsTheJob({ kinds, renew }: HandOff): boolean {
  return renew && kinds.every((kind) => kind === 'profile');
}

function asProfile(task: Task, handOff: HandOff, { credentials, settings, network }: Handed): void {
  const { agent } = task;
  agent.setTaskVariable('profileName', handOff.profileName);
  const renewal = {
    state: { settings, network },
    node: process.execPath,
    script: join(__dirname, 'credential-process.js'),
  };
  const variables = writeProfile(agent.tempFolder, {
    profileName: handOff.profileName,
    region: settings.region,
    credentials,
    // Keys without an end need no renewal.
    renewal: handOff.renew && credentials.expiration ? renewal : undefined,
  });
  setVariables(
    task,
    Object.entries(variables).map(([name, value]) => ({ name, value, secret: false })),
  );
  // The hand-off `variables` sets some of them itself, and means to be preferred.
  if (!handOff.kinds.includes('variables')) emptyRivals(task);
}

function emptyRivals(task: Task): void {
  const rivals = rivalVariables.filter((name) => process.env[name]);
  for (const name of rivals) task.agent.setVariable(name, '');
  if (rivals.length === 0) return;
  task.warn(
    `Emptied for the later steps, whose tools would prefer them to the profile: ${rivals.join(', ')}.`,
  );
}

const variableNames = { variables: sdkVariables, toolkitVariables };

function asVariables(task: Task, kind: keyof typeof variableNames, { credentials, settings }: Handed): void {
  const variables = credentialVariables(variableNames[kind], credentials, settings.region);
  setVariables(task, variables);
  if (kind === 'toolkitVariables') return;
  task.log.info(
    `Tasks see all of them; a script sees the secret ones where its env: names them:\n${environmentBlock(variables)}`,
  );
}

function setVariables({ agent, facts }: Task, variables: readonly HandedVariable[]): void {
  for (const { name, value, secret } of variables) {
    if (secret) agent.setSecretVariable(name, value);
    else agent.setVariable(name, value);
  }
  facts(Object.fromEntries(variables.map(({ name, value, secret }) => [name, secret ? '(secret)' : value])));
}
