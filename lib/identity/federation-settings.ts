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
  if (!connectionId)
    inputs.fault('input awsConnection is empty: name a service connection of type "AWS (OpenID Connect)".');
  const connection = connectionId ? agent.endpoint(connectionId) : undefined;
  const setting = (name: string) => settingOf(agent, connection, name);
  const notes: string[] = [];

  const role = readRole(inputs, setting('roleArn'));
  const chain = listOf(setting('chainRoleArns')?.text).flatMap(
    (text) => readRole(inputs, { text, source: setting('chainRoleArns')?.source ?? '' }) ?? [],
  );
  const region = readRegion(inputs, setting('region'), role);
  const allowedAccounts = listOf(setting('allowedAccounts')?.text);
  for (const account of allowedAccounts) {
    if (!/^\d{12}$/.test(account))
      inputs.fault(`${setting('allowedAccounts')?.source}: "${account}" is no account id (twelve digits).`);
  }
  const sessionDuration = readDuration(inputs, setting('sessionDuration') ?? toolkitDuration(agent));
  if (chain.length > 0 && (sessionDuration ?? 0) > longestChainedSession) {
    notes.push(
      `Sessions of chained roles end after one hour, so ${sessionDuration} s are asked for as ${longestChainedSession} s.`,
    );
  }
  const externalId = readExternalId(inputs, setting('externalId'), chain);
  const wanted = setting('sessionName')?.text ?? defaultSessionName(agent);
  const sessionName = sanitiseSessionName(wanted);
  if (sessionName.changed)
    notes.push(
      `The session name "${wanted}" is used as "${sessionName.name}": STS takes 2 to 64 letters, digits and _+=,.@-`,
    );

  return {
    settings: {
      connectionId: connectionId ?? '',
      region,
      role: role ?? noRole,
      chain,
      externalId,
      sessionName: sessionName.name,
      sessionDuration:
        chain.length > 0 && sessionDuration
          ? Math.min(sessionDuration, longestChainedSession)
          : sessionDuration,
      allowedAccounts,
    },
    notes,
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
    inputs.fault('no role is named: fill in the service connection’s "Role ARN" or the input roleArn.');
    return undefined;
  }
  const role = parseRoleArn(setting.text);
  if (!role)
    inputs.fault(
      `${setting.source}: "${setting.text}" is no role ARN, such as arn:aws:iam::111122223333:role/deployer.`,
    );
  return role;
}

function readRegion(inputs: InputReader, setting: Setting | undefined, role: RoleArn | undefined): string {
  const { agent } = inputs;
  const region = setting?.text ?? agent.variable('AWS.Region') ?? agent.variable('AWS_REGION');
  const source = setting?.source ?? 'variable AWS.Region';
  if (!region) {
    inputs.fault(
      'no region is named: set the input region, the service connection’s "Region", or the variable AWS.Region.',
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

function readDuration(inputs: InputReader, setting: Setting | undefined): number | undefined {
  if (!setting) return undefined;
  const seconds = Number(setting.text);
  if (!Number.isInteger(seconds) || seconds < 900 || seconds > 43200) {
    inputs.fault(
      `${setting.source}: "${setting.text}" is no session duration; write seconds from 900 to 43200.`,
    );
  }
  return seconds;
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
    remedy: 'Correct the role’s ARN, or add the account to allowedAccounts (input or service connection).',
  });
}
