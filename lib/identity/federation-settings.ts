import { type Agent, type Endpoint, type InputReader, listOf } from '../agent/index.ts';
import { isRegionName, parseRoleArn, partitionOf, type RoleArn } from '../aws/index.ts';
import { DeliveryError } from '../errors/index.ts';
import { sanitiseSessionName } from './session-name.ts';

/** Everything a federation needs to know. Plain data, so that it can be handed to a later process. */
export interface FederationSettings {
  readonly connectionId: string;
  readonly region: string;
  /** The role that trusts the ID token. */
  readonly role: RoleArn;
  /** Roles assumed one from the other after it, in order. */
  readonly chain: readonly RoleArn[];
  /** Sent with every hop of the chain. */
  readonly externalId?: string | undefined;
  readonly sessionName: string;
  /** Seconds, 900–43200; undefined lets the role decide (STS: one hour). */
  readonly sessionDuration?: number | undefined;
  /** Twelve-digit account ids; empty allows every account. */
  readonly allowedAccounts: readonly string[];
}

/** Settings, and what the user should know about how they came about. */
export interface ReadSettings {
  readonly settings: FederationSettings;
  readonly notes: readonly string[];
}

/** AssumeRole from a role's session: "role chaining limits … to a maximum of one hour" (IAM User Guide, "Role chaining"). */
const longestChainedSession = 3600;

/**
 * The inputs that all tasks share: how to become a role in AWS. An input wins over the service connection's field of
 * the same name; then come the variables that AWS Toolkit users have set already.
 * Faults go to the reader; settings are safe to use only after its `finish`.
 */
export function readFederationSettings(inputs: InputReader): ReadSettings {
  const { agent } = inputs;
  inputs.choice('identity', ['connection'], 'connection');
  const connectionId = agent.input('awsConnection');
  if (!connectionId) {
    inputs.fault('input awsConnection is empty: name a service connection of type "AWS (OpenID Connect)".');
  }
  const connection = connectionId ? agent.endpoint(connectionId) : undefined;
  const setting = (name: string) => settingOf(agent, connection, name);

  const role = readRole(inputs, setting('roleArn'));
  const chain = readChain(inputs, setting('chainRoleArns'));
  const sessionName = readSessionName(agent, setting('sessionName'));
  const sessionDuration = readDuration(inputs, setting('sessionDuration') ?? toolkitDuration(agent), chain);
  return {
    settings: {
      connectionId: connectionId ?? '',
      region: readRegion(inputs, setting('region'), role),
      role: role ?? noRole,
      chain,
      externalId: readExternalId(inputs, setting('externalId'), chain),
      sessionName: sessionName.value,
      sessionDuration: sessionDuration.value,
      allowedAccounts: readAccounts(inputs, setting('allowedAccounts')),
    },
    notes: [...sessionName.notes, ...sessionDuration.notes],
  };
}

/** Stands in for a missing role until the reader's `finish` throws. */
const noRole: RoleArn = { arn: '', partition: '', accountId: '', roleName: '' };

interface Setting {
  readonly text: string;
  /** Where to change it, in words. */
  readonly source: string;
}

function settingOf(agent: Agent, connection: Endpoint | undefined, name: string): Setting | undefined {
  const input = agent.input(name);
  if (input) return { text: input, source: `input ${name}` };
  const field = connection?.data(name);
  return field ? { text: field, source: `field ${name} of the service connection` } : undefined;
}

function readRole(inputs: InputReader, setting: Setting | undefined): RoleArn | undefined {
  if (!setting) {
    inputs.fault('no role is named: fill in the service connection\'s "Role ARN" or the input roleArn.');
    return undefined;
  }
  const role = parseRoleArn(setting.text);
  if (!role)
    inputs.fault(
      `${setting.source}: "${setting.text}" is no role ARN, such as arn:aws:iam::111122223333:role/deployer.`,
    );
  return role;
}

/** One ARN a line: a role's name may hold a comma. */
function readChain(inputs: InputReader, setting: Setting | undefined): RoleArn[] {
  if (!setting) return [];
  return listOf(setting.text, /\n/).flatMap((text) => readRole(inputs, { ...setting, text }) ?? []);
}

function readAccounts(inputs: InputReader, setting: Setting | undefined): string[] {
  const accounts = listOf(setting?.text);
  for (const account of accounts) {
    if (!/^\d{12}$/.test(account)) {
      inputs.fault(`${setting?.source}: "${account}" is no account id (twelve digits).`);
    }
  }
  return accounts;
}

function readRegion(inputs: InputReader, setting: Setting | undefined, role: RoleArn | undefined): string {
  const { agent } = inputs;
  const region = setting?.text ?? agent.variable('AWS.Region') ?? agent.variable('AWS_REGION');
  const source = setting?.source ?? 'variable AWS.Region';
  if (!region) {
    inputs.fault(
      'no region is named: set the input region, the service connection\'s "Region", or the variable AWS.Region.',
    );
    return '';
  }
  if (!isRegionName(region)) {
    inputs.fault(`${source}: "${region}" is no region, such as eu-central-1.`);
  } else if (role && partitionOf(region) !== role.partition) {
    inputs.fault(
      `${source}: ${region} is in the partition ${partitionOf(region)}, the role ${role.arn} in ${role.partition}.`,
    );
  }
  return region;
}

/** A setting as it will be used, and what to tell the user where that is not as it was written. */
interface Adjusted<T> {
  readonly value: T;
  readonly notes: readonly string[];
}

function readDuration(
  inputs: InputReader,
  setting: Setting | undefined,
  chain: readonly RoleArn[],
): Adjusted<number | undefined> {
  if (!setting) return { value: undefined, notes: [] };
  const seconds = Number(setting.text);
  if (!Number.isInteger(seconds) || seconds < 900 || seconds > 43200) {
    inputs.fault(
      `${setting.source}: "${setting.text}" is no session duration; write seconds from 900 to 43200.`,
    );
  }
  if (chain.length === 0 || seconds <= longestChainedSession) return { value: seconds, notes: [] };
  const note = `Sessions of chained roles end after one hour: ${longestChainedSession} s are asked for instead of ${seconds}.`;
  return { value: longestChainedSession, notes: [note] };
}

/** The variable that AWS Toolkit for Azure DevOps reads. */
function toolkitDuration(agent: Agent): Setting | undefined {
  const text = agent.variable('aws.rolecredential.maxduration');
  return text ? { text, source: 'variable aws.rolecredential.maxduration' } : undefined;
}

/** STS API Reference, AssumeRole: ExternalId is 2–1224 characters of [\w+=,.@:\/-]. The first, web-identity hop takes none. */
function readExternalId(
  inputs: InputReader,
  setting: Setting | undefined,
  chain: readonly RoleArn[],
): string | undefined {
  if (!setting) return undefined;
  if (!/^[\w+=,.@:/-]{2,1224}$/.test(setting.text)) {
    inputs.fault(`${setting.source}: an external id has 2 to 1224 letters, digits and _+=,.@:/-`);
  }
  if (chain.length === 0) {
    inputs.fault(
      `${setting.source}: AWS takes an external id only with a chained role (chainRoleArns); the first role checks the ID token instead.`,
    );
  }
  return setting.text;
}

function readSessionName(agent: Agent, setting: Setting | undefined): Adjusted<string> {
  if (!setting) return { value: defaultSessionName(agent), notes: [] };
  const { name, changed } = sanitiseSessionName(setting.text);
  const note = `The session name "${setting.text}" is used as "${name}": STS takes 2 to 64 letters, digits and _+=,.@-`;
  return { value: name, notes: changed ? [note] : [] };
}

/** Says in CloudTrail which run of which pipeline it was. */
function defaultSessionName(agent: Agent): string {
  const parts =
    agent.hostType === 'release'
      ? ['System.TeamProject', 'Release.DefinitionName', 'Release.ReleaseId']
      : ['System.TeamProject', 'Build.DefinitionName', 'Build.BuildId'];
  const known = parts.flatMap((name) => agent.variable(name) ?? []);
  return sanitiseSessionName(known.join('-') || 'azure-pipelines').name;
}

/** @throws DeliveryError ACCOUNT_NOT_ALLOWED when the account is not in a list that is not empty */
export function checkAccountAllowed(accountId: string, allowedAccounts: readonly string[]): void {
  if (allowedAccounts.length === 0 || allowedAccounts.includes(accountId)) return;
  throw new DeliveryError({
    code: 'ACCOUNT_NOT_ALLOWED',
    what: `The role belongs to account ${accountId}, which is not among the allowed accounts.`,
    why: `Allowed: ${allowedAccounts.join(', ')}.`,
    remedy: "Correct the role's ARN, or add the account to allowedAccounts (input or service connection).",
  });
}
