import { azurePipelinesAgent } from '../../../lib/agent/index.ts';
import { removeProfile } from '../../../lib/identity/index.ts';

// Runs at the end of the job, after whatever happened, and takes away what main.ts handed on.
const agent = azurePipelinesAgent();
const profileName = agent.taskVariable('profileName');
if (profileName) {
  removeProfile(agent.tempFolder, profileName);
  process.stdout.write(`The profile ${profileName} and its credentials are removed.\n`);
}
agent.complete('Succeeded', profileName ? `profile ${profileName} removed` : 'nothing to remove');
