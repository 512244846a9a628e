import { existsSync, lstatSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { AwsCredentials } from '../../aws/index.ts';
import { DeliveryError } from '../../errors/index.ts';
import { profileFiles, type RenewalState, writeSession } from '../renewal/index.ts';
import { credentialProcessCommand, type RenewalProgram } from './credential-process-command.ts';
import { makePrivateFolder, writePrivateFile } from './private-files.ts';

/** The folder inside the agent's temp folder that holds every profile of the job. */
const folderName = 'keyless-delivery';

/** A profile's own part of the two files that all profiles of a job share. */
const parts = { config: 'config.part', credentials: 'credentials.part' };

/** The variables by which every AWS SDK and CLI finds the profile. */
export const profileVariables = [
  'AWS_CONFIG_FILE',
  'AWS_SHARED_CREDENTIALS_FILE',
  'AWS_PROFILE',
  'AWS_REGION',
  'AWS_DEFAULT_REGION',
  'AWS_SDK_LOAD_CONFIG',
] as const;

/**
 * Variables whose credentials the SDKs and the CLI take before a profile's, without a word (AWS SDKs Reference Guide,
 * "Understand the credential provider chain"). An empty one counts as none.
 */
export const rivalVariables = [
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_ROLE_ARN',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
] as const;

export interface ProfileHandOff {
  readonly profileName: string;
  readonly region: string;
  readonly credentials: AwsCredentials;
  /** With it the profile renews; without it the profile holds this session's own credentials. */
  readonly renewal?:
    | { readonly state: RenewalState; readonly node: string; readonly script: string }
    | undefined;
}

/** A name that a section of an AWS config file can have, and a folder. */
export function isProfileName(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9_.@+-]{0,63}$/.test(name);
}

/**
 * Writes the profile into the job's AWS config file and returns the variables to set. The files lie in the agent's
 * temp folder, readable by the agent's user only; `removeProfile` takes them away.
 * @throws DeliveryError HAND_OFF_FAILED; whatever was written of this profile is removed again
 */
export function writeProfile(
  tempFolder: string,
  handOff: ProfileHandOff,
): Record<(typeof profileVariables)[number], string> {
  const root = join(tempFolder, folderName);
  try {
    makePrivateFolder(root);
    const folder = profileFolder(root, handOff.profileName);
    // An earlier profile of the name gives way whole: keys left from it would win over `credential_process`.
    rmSync(folder, { recursive: true, force: true });
    makePrivateFolder(folder);
    writeProfileFolder(folder, handOff);
    const { config, credentials } = assemble(root);
    return {
      AWS_CONFIG_FILE: config,
      AWS_SHARED_CREDENTIALS_FILE: credentials,
      AWS_PROFILE: handOff.profileName,
      AWS_REGION: handOff.region,
      AWS_DEFAULT_REGION: handOff.region,
      AWS_SDK_LOAD_CONFIG: '1',
    };
  } catch (error) {
    try {
      removeProfile(tempFolder, handOff.profileName);
    } catch {
      // The profile's own files go first; what kept it from being written may keep the shared ones from being renewed.
    }
    throw new DeliveryError(
      {
        code: 'HAND_OFF_FAILED',
        what: 'The credentials could not be handed to later steps.',
        why: error instanceof Error ? error.message : String(error),
        remedy: `Check that the agent's user can write to ${tempFolder} and that the disk is not full.`,
      },
      { cause: error },
    );
  }
}

/** Removes all that `writeProfile` left of a profile, and with the last profile the folder itself. */
export function removeProfile(tempFolder: string, profileName: string): void {
  const root = join(tempFolder, folderName);
  // Whatever else stands in the folder's place is not ours to remove.
  if (!lstatSync(root, { throwIfNoEntry: false })?.isDirectory()) return;
  rmSync(profileFolder(root, profileName), { recursive: true, force: true });
  if (profileNames(root).length > 0) assemble(root);
  else rmSync(root, { recursive: true, force: true });
}

function writeProfileFolder(
  folder: string,
  { profileName, region, credentials, renewal }: ProfileHandOff,
): void {
  const section = profileName === 'default' ? '[default]' : `[profile ${profileName}]`;
  const config = [section, `region = ${region}`];
  const files = profileFiles(folder);
  if (renewal) {
    writePrivateFile(files.state, JSON.stringify(renewal.state));
    writeSession(files.session, credentials, new Date());
    const program: RenewalProgram = { node: renewal.node, script: renewal.script, stateFile: files.state };
    config.push(`credential_process = ${credentialProcessCommand(program, folder)}`);
  } else {
    const keys = [
      `[${profileName}]`,
      `aws_access_key_id = ${credentials.accessKeyId}`,
      `aws_secret_access_key = ${credentials.secretAccessKey}`,
      ...(credentials.sessionToken ? [`aws_session_token = ${credentials.sessionToken}`] : []),
    ];
    writePrivateFile(join(folder, parts.credentials), `${keys.join('\n')}\n`);
  }
  writePrivateFile(join(folder, parts.config), `${config.join('\n')}\n`);
}

/**
 * Puts the job's two files together from their profiles' parts. The credentials file exists even when it is empty:
 * keys stored in ~/.aws/credentials under the same name would win over `credential_process` without a word.
 */
function assemble(root: string): { config: string; credentials: string } {
  const joined = (name: string) =>
    profileNames(root)
      .map((profile) => join(profileFolder(root, profile), name))
      .filter((file) => existsSync(file))
      .map((file) => readFileSync(file, 'utf8'))
      .join('\n');
  const files = { config: join(root, 'config'), credentials: join(root, 'credentials') };
  writePrivateFile(files.config, joined(parts.config));
  writePrivateFile(files.credentials, joined(parts.credentials));
  return files;
}

/** Apart from the two files, so that a profile may be called `config`. */
function profileFolder(root: string, profileName: string): string {
  return join(root, 'profiles', profileName);
}

function profileNames(root: string): string[] {
  const folder = join(root, 'profiles');
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}
