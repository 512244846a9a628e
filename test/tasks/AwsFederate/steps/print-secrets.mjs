// Prints the session's secrets as careless programs do: as they are, in JSON, URL-encoded, in base64.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const [, command] = /^credential_process = (.+)$/m.exec(readFileSync(process.env.AWS_CONFIG_FILE, 'utf8'));
const { stdout } = spawnSync(command, { shell: true, encoding: 'utf8' });
const { SecretAccessKey, SessionToken } = JSON.parse(stdout);
console.log(stdout);
for (const secret of [SecretAccessKey, SessionToken]) {
  console.log(`key=${secret}, in base64 ${Buffer.from(secret).toString('base64')}`);
  console.log(`https://example.com/?key=${encodeURIComponent(secret)}`);
}
