import { join } from 'node:path';
import { type InputReader, networkSettings, readInputs, runTask } from '../../../lib/agent/index.ts';
import { createSts } from '../../../lib/aws/index.ts';
import {
  becomeRole,
  checkFederation,
  effectiveAudience,
  idTokenSource,
  isProfileName,
  openFederation,
  readFederationSettings,
  rivalVariables,
  writeProfile,
} from '../../../lib/identity/index.ts';
import { openConnections } from '../../../lib/network/index.ts';

// AwsFederate@1: the service connection's ID token becomes credentials that every later step of the job can use.
void runTask('AwsFederate@1', async (task) => {
  const { agent, log } = task;
  const inputs = readInputs(agent);
  const { settings, notes } = readFederationSettings(inputs);
  const { profileName, renew, checkOnly } = readHandOff(inputs);
  inputs.finish();
  for (const note of notes) task.warn(note);

  const source = idTokenSource(agent, settings.connectionId);
  const network = networkSettings(agent, process.env);
  const connections = openConnections(network);
  try {
    const sts = createSts(settings.region, connections, process.env);
    const federation = openFederation(settings, source, sts, {
      connections,
      signal: task.signal,
      mask: (secret) => agent.maskSecret(secret),
      onRetry: (why, seconds) => log.info(`${why}; trying again in ${seconds.toFixed(1)} s`),
    });
    if (checkOnly) return await checkFederation(task, federation, settings);

    const { credentials, assumedRoleArn, accountId, claims } = await becomeRole(task, federation, settings);
    const end = credentials.expiration.toISOString();

    await task.step(`Hand the credentials to later steps as profile ${profileName}`, () => {
      agent.setTaskVariable('profileName', profileName);
      const script = join(__dirname, 'credential-process.js');
      const variables = writeProfile(agent.tempFolder, {
        profileName,
        region: settings.region,
        credentials,
        renewal: renew ? { state: { settings, source, network }, node: process.execPath, script } : undefined,
      });
      for (const [name, value] of Object.entries(variables)) agent.setVariable(name, value);
      task.facts(variables);
      const rivals = rivalVariables.filter((name) => process.env[name]);
      for (const name of rivals) agent.setVariable(name, '');
      if (rivals.length > 0) {
        task.warn(
          `Emptied for the later steps, whose tools would prefer them to the profile: ${rivals.join(', ')}.`,
        );
      }
    });

    agent.setOutput('accountId', accountId);
    agent.setOutput('assumedRoleArn', assumedRoleArn);
    agent.setOutput('issuer', claims.issuer);
    agent.setOutput('subject', claims.subject);
    agent.setOutput('audience', effectiveAudience(claims));
    agent.setOutput('expiration', end);
    return renew
      ? `Later steps are ${assumedRoleArn}, renewed for as long as the job runs.`
      : `Later steps are ${assumedRoleArn} until ${end}.`;
  } finally {
    connections.close();
  }
});

function readHandOff(inputs: InputReader) {
  inputs.choice('handOff', ['profile'], 'profile');
  const profileName = inputs.text('profileName') ?? 'keyless-delivery';
  if (!isProfileName(profileName)) {
    inputs.fault(
      `input profileName is "${profileName}": use up to 64 letters, digits and _.@+-, beginning with a letter or digit.`,
    );
  }
  return { profileName, renew: inputs.flag('renew', true), checkOnly: inputs.flag('checkOnly', false) };
}
