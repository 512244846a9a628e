import { join } from 'node:path';
import {
  type InputReader,
  networkSettings,
  readInputs,
  runTask,
  type Task,
} from '../../../lib/agent/index.ts';
import { createSts } from '../../../lib/aws/index.ts';
import {
  becomeRole,
  checkFederation,
  credentialVariables,
  effectiveAudience,
  environmentBlock,
  type HandedVariable,
  isProfileName,
  type MachineCredentials,
  openFederation,
  type RoleIdentity,
  readFederationSettings,
  rivalVariables,
  sdkVariables,
  toolkitVariables,
  writeProfile,
} from '../../../lib/identity/index.ts';
import { openConnections } from '../../../lib/network/index.ts';

const machineCredentials: MachineCredentials = async (...where) =>
  (await import('./machine-credentials.ts')).machineCredentials(...where);

// AwsFederate@1: an identity without stored keys becomes credentials that every later step of the job can use.
void runTask('AwsFederate@1', async (task) => {
  const { agent, log } = task;
  const inputs = readInputs(agent);
  const read = readFederationSettings(inputs);
  const { handOffs, profileName, renew, checkOnly } = readHandOff(inputs);
  inputs.finish();
  for (const note of read.notes) task.warn(note);

  const settings = read.settings();
  const network = networkSettings(agent, process.env);
  const connections = openConnections(network);
  try {
    const sts = createSts(settings.region, connections, process.env);
    const federation = openFederation(settings, sts, machineCredentials, {
      connections,
      signal: task.signal,
      mask: (secret) => agent.maskSecret(secret),
      onRetry: (why, seconds) => log.info(`${why}; trying again in ${seconds.toFixed(1)} s`),
    });
    if (checkOnly) return await checkFederation(task, federation, settings);

    const identity = await becomeRole(task, federation, settings);
    const { credentials } = identity;
    const end = credentials.expiration?.toISOString();

    if (handOffs.includes('profile')) {
      await task.step(`Hand the credentials to later steps as profile ${profileName}`, () => {
        agent.setTaskVariable('profileName', profileName);
        const script = join(__dirname, 'credential-process.js');
        const variables = writeProfile(agent.tempFolder, {
          profileName,
          region: settings.region,
          credentials,
          renewal:
            renew && end ? { state: { settings, network }, node: process.execPath, script } : undefined,
        });
        setVariables(
          task,
          Object.entries(variables).map(([name, value]) => ({ name, value, secret: false })),
        );
        // The hand-off `variables` sets some of them itself, and means to be preferred.
        if (!handOffs.includes('variables')) emptyRivals(task);
      });
    }
    for (const [kind, names] of Object.entries({ variables: sdkVariables, toolkitVariables })) {
      if (!handOffs.some((handOff) => handOff === kind)) continue;
      await task.step(`Hand the credentials to later steps as ${kind}`, () => {
        const variables = credentialVariables(names, credentials, settings.region);
        setVariables(task, variables);
        if (kind === 'variables') {
          log.info(
            `Tasks see all of them; a script sees the secret ones where its env: names them:\n${environmentBlock(variables)}`,
          );
        }
      });
    }
    setOutputs(task, identity);

    const renewed = renew && handOffs.length === 1 && handOffs.includes('profile');
    if (!end) return `Later steps are ${identity.arn}.`;
    return renewed
      ? `Later steps are ${identity.arn}, renewed for as long as the job runs.`
      : `Later steps are ${identity.arn} until ${end}.`;
  } finally {
    connections.close();
  }
});

function readHandOff(inputs: InputReader) {
  const handOffs = inputs.choices('handOff', ['profile', 'variables', 'toolkitVariables'], ['profile']);
  const profileName = inputs.text('profileName') ?? 'keyless-delivery';
  if (!isProfileName(profileName)) {
    inputs.fault(
      `input profileName is "${profileName}": use up to 64 letters, digits and _.@+-, beginning with a letter or digit.`,
    );
  }
  return {
    handOffs,
    profileName,
    renew: inputs.flag('renew', true),
    checkOnly: inputs.flag('checkOnly', false),
  };
}

function setVariables({ agent, facts }: Task, variables: readonly HandedVariable[]): void {
  for (const { name, value, secret } of variables) {
    if (secret) agent.setSecretVariable(name, value);
    else agent.setVariable(name, value);
  }
  facts(Object.fromEntries(variables.map(({ name, value, secret }) => [name, secret ? '(secret)' : value])));
}

function emptyRivals(task: Task): void {
  const rivals = rivalVariables.filter((name) => process.env[name]);
  for (const name of rivals) task.agent.setVariable(name, '');
  if (rivals.length === 0) return;
  task.warn(
    `Emptied for the later steps, whose tools would prefer them to the profile: ${rivals.join(', ')}.`,
  );
}

function setOutputs({ agent }: Task, { accountId, arn, claims, credentials }: RoleIdentity): void {
  agent.setOutput('accountId', accountId);
  agent.setOutput('assumedRoleArn', arn);
  agent.setOutput('issuer', claims?.issuer ?? '');
  agent.setOutput('subject', claims?.subject ?? '');
  agent.setOutput('audience', claims ? effectiveAudience(claims) : '');
  agent.setOutput('expiration', credentials.expiration?.toISOString() ?? '');
}
