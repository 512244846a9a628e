/** Names and unique ids of what IAM keeps. */
import { createHash } from 'node:crypto';
import type { Account, Role } from '../world.ts';

/** Upper-case base 32 (RFC 4648 §6), the alphabet of IAM's ids. */
export function base32(bytes: Uint8Array): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  let bits = 0n;
  for (const byte of bytes) bits = (bits << 8n) | BigInt(byte);
  let text = '';
  for (let place = 0; place < Math.floor((bytes.length * 8) / 5); place += 1) {
    text = alphabet.charAt(Number(bits & 31n)) + text;
    bits >>= 5n;
  }
  return text;
}

/**
 * A unique id: prefix and 17 characters, the same whenever it is asked for. `AROA` is a role's, `AIDA` a user's.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
 */
function uniqueId(prefix: 'AROA' | 'AIDA', account: string, name: string): string {
  const digest = createHash('sha256').update(`${prefix} ${account} ${name}`).digest();
  return prefix + base32(digest).slice(0, 17);
}

export const roleId = (account: string, name: string) => uniqueId('AROA', account, name);
export const userId = (account: string, name: string) => uniqueId('AIDA', account, name);

export const roleArn = (partition: string, account: string, name: string, role: Role) =>
  `arn:${partition}:iam::${account}:role${role.path}${name}`;
export const userArn = (partition: string, account: string, name: string, user: Account['users'][string]) =>
  `arn:${partition}:iam::${account}:user${user.path}${name}`;
/** The path of a role is not part of its sessions' ARNs. */
export const sessionArn = (partition: string, account: string, roleName: string, sessionName: string) =>
  `arn:${partition}:sts::${account}:assumed-role/${roleName}/${sessionName}`;
/** Of a provider's URL, everything after `https://`. */
export const providerName = (url: string) => url.replace(/^https:\/\//, '');
export const providerArn = (partition: string, account: string, url: string) =>
  `arn:${partition}:iam::${account}:oidc-provider/${providerName(url)}`;
