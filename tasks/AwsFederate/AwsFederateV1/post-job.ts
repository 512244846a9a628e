import { azurePipelinesAgent } from '../../../lib/agent/azure-pipelines.ts';
import { removeProfile } from '../../../lib/identity/hand-off/profile.ts';

// Runs at the end of the job, after whatever happened, and takes away what main.ts handed on.
const write = (line: string) => process.stdout.write(`${line}\n`);
const agent = azurePipelinesAgent(process.env, write);
const profileName = agent.taskVariable('profileName');
if (profileName) removeProfile(agent.tempFolder, profileName);
const outcome = profileName
  ? `The profile ${profileName} and its credentials are removed.`
  : 'There was no profile to remove.';
write(outcome);
agent.complete('Succeeded', outcome);
