// Runs the credential_process of the profile in force as an SDK does, and says which session came, without its keys.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const { AWS_CONFIG_FILE, AWS_PROFILE } = process.env;
const section = AWS_PROFILE === 'default' ? '[default]' : `[profile ${AWS_PROFILE}]`;
const [, profile = ''] = readFileSync(AWS_CONFIG_FILE, 'utf8').split(section);
const [, command] = /^credential_process = (.+)$/m.exec(profile);
const { stdout, stderr, status } = spawnSync(command, { shell: true, encoding: 'utf8' });
const { Version, AccessKeyId, Expiration } = stdout ? JSON.parse(stdout) : {};
console.log(`exit code ${status}, version ${Version}, session ${AccessKeyId} until ${Expiration}`);
for (const line of stderr.split('\n').filter(Boolean)) console.log(`stderr: ${line}`);
