import { networkSettings, readInputs, runTask, type Task } from '../../../lib/agent/index.ts';
import { createSts } from '../../../lib/aws/index.ts';
import {
  becomeRole,
  checkFederation,
  effectiveAudience,
  type MachineCredentials,
  openFederation,
  type RoleIdentity,
  readFederationSettings,
} from '../../../lib/identity/index.ts';
import { openConnections } from '../../../lib/network/index.ts';
import { handOn, lastsAsLongAsTheJob, readHandOff } from './hand-off/hand-off.ts';

const machineCredentials: MachineCredentials = async (...where) =>
  (await import('./machine-credentials.ts')).machineCredentials(...where);

// AwsFederate@1: an identity without stored keys becomes credentials that every later step of the job can use.
void runTask('AwsFederate@1', async (task) => {
  const { agent, log } = task;
  const inputs = readInputs(agent);
  const read = readFederationSettings(inputs);
  const handOff = readHandOff(inputs);
  const checkOnly = inputs.flag('checkOnly', false);
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
    await handOn(task, handOff, { credentials: identity.credentials, settings, network });
    setOutputs(task, identity);

    const end = identity.credentials.expiration?.toISOString();
    if (!end) return `Later steps are ${identity.arn}.`;
    return lastsAsLongAsTheJob(handOff)
      ? `Later steps are ${identity.arn}, renewed for as long as the job runs.`
      : `Later steps are ${identity.arn} until ${end}.`;
  } finally {
    connections.close();
  }
});

function setOutputs({ agent }: Task, { accountId, arn, claims, credentials }: RoleIdentity): void {
  agent.setOutput('accountId', accountId);
  agent.setOutput('assumedRoleArn', arn);
  agent.setOutput('issuer', claims?.issuer ?? '');
  agent.setOutput('subject', claims?.subject ?? '');
  agent.setOutput('audience', claims ? effectiveAudience(claims) : '');
  agent.setOutput('expiration', credentials.expiration?.toISOString() ?? '');
}
