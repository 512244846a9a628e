import { existsSync } from 'node:fs';
import { neutralise } from '../../../lib/agent/neutralise.ts';
import type { MachineCredentials } from '../../../lib/identity/index.ts';
import { currentCredentials } from '../../../lib/identity/renewal/index.ts';

// What an AWS SDK or CLI runs as `credential_process` (AWS SDKs Reference Guide, "Process credential provider"):
// one JSON object on stdout, or one line on stderr and exit code 1.
const [, , stateFile = ''] = process.argv;

// The agent reads a step's stderr for logging commands as well, and the text may hold what a service said.
const complain = (text: string) =>
  process.stderr.write(`AwsFederate: ${neutralise(text).replace(/\s+/g, ' ').trim()}\n`);

const machineCredentials: MachineCredentials = async (...where) =>
  (await import('./machine-credentials.ts')).machineCredentials(...where);

currentCredentials(stateFile, machineCredentials, complain).then(
  ({ accessKeyId, secretAccessKey, sessionToken, expiration }) => {
    const answer = {
      Version: 1,
      AccessKeyId: accessKeyId,
      SecretAccessKey: secretAccessKey,
      SessionToken: sessionToken,
      Expiration: expiration?.toISOString(),
    };
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  },
  (error: unknown) => {
    complain(
      !existsSync(stateFile) ? 'the job that these credentials belong to has ended.' : reasonOf(error),
    );
    process.exitCode = 1;
  },
);

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, why } = (error as { fault?: { code?: string; why?: string } }).fault ?? {};
  return [code, error.message, why].filter(Boolean).join(': ');
}
