import { type Agent, type InputReader, listOf } from '../../agent/index.ts';
import { isRegionName, parseRoleArn, partitionOf, type RoleArn } from '../../aws/index.ts';
import type { FederationSettings } from '../federation-settings.ts';
import { sanitiseSessionName } from '../session-name.ts';
import { type Identity, readIdentity } from './identity.ts';
import { readSessionRestrictions } from './session-restrictions.ts';
import type { Adjusted, Setting } from './setting.ts';

/** Settings, and what the user should know about how they came about. */
export interface ReadSettings {
  /** @throws DeliveryError when this job or this machine cannot have the identity; call it after the reader's `finish` */
  settings(): FederationSettings;
  readonly notes: readonly string[];
}

/** AssumeRole from a role's session: "role chaining limits … to a maximum of one hour" (IAM User Guide, "Role chaining"). */
const longestChainedSession = 3600;

/**
 * The inputs that all tasks share: how to become a role in AWS. An input wins over the service connection's field of
 * the same name; then come the variables that AWS Toolkit users have set already. Faults go to the reader.
 */
export function readFederationSettings(inputs: InputReader): ReadSettings {
  const { agent } = inputs;
  const identity = readIdentity(inputs);
  const setting = (name: string) => settingOf(agent, identity, name);

  const roles = readRoles(inputs, setting('roleArn'), setting('chainRoleArns'), identity.federated);
  const assumed = identity.federated ? roles.length - 1 : roles.length;
  const chained = roles.length > 1;
  const sessionName = readSessionName(agent, setting('sessionName'));
  const sessionDuration = readDuration(inputs, setting('sessionDuration') ?? toolkitDuration(agent), chained);
  const rest = {
    region: readRegion(inputs, setting('region'), roles[0]),
    roles,
    externalId: readExternalId(inputs, setting('externalId'), assumed > 0),
    sessionName: sessionName.value,
    sessionDuration: sessionDuration.value,
    restrictions: readSessionRestrictions(inputs, roles.length, identity.federated),
    allowedAccounts: readAccounts(inputs, setting('allowedAccounts')),
  };
  return {
    settings: () => ({ origin: identity.origin(), ...rest }),
    notes: [...sessionName.notes, ...sessionDuration.notes],
  };
}

function settingOf(agent: Agent, identity: Identity, name: string): Setting | undefined {
  const text = agent.input(name);
  return text ? { text, source: `input ${name}` } : identity.field(name);
}

/** The role and those chained to it, one ARN a line: a role's name may hold a comma. */
function readRoles(
  inputs: InputReader,
  first: Setting | undefined,
  chain: Setting | undefined,
  required: boolean,
): RoleArn[] {
  if (!first && required) {
    inputs.fault('no role is named: fill in the service connection\'s "Role ARN" or the input roleArn.');
  }
  const chained = chain ? listOf(chain.text, /\n/).map((text) => ({ ...chain, text })) : [];
  return [...(first ? [first] : []), ...chained].flatMap(({ text, source }) => {
    const role = parseRoleArn(text);
    if (!role)
      inputs.fault(`${source}: "${text}" is no role ARN, such as arn:aws:iam::111122223333:role/deployer.`);
    return role ?? [];
  });
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

function readDuration(
  inputs: InputReader,
  setting: Setting | undefined,
  chained: boolean,
): Adjusted<number | undefined> {
  if (!setting) return { value: undefined, notes: [] };
  const seconds = Number(setting.text);
  if (!Number.isInteger(seconds) || seconds < 900 || seconds > 43200) {
    inputs.fault(
      `${setting.source}: "${setting.text}" is no session duration; write seconds from 900 to 43200.`,
    );
  }
  if (!chained || seconds <= longestChainedSession) return { value: seconds, notes: [] };
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
  assumed: boolean,
): string | undefined {
  if (!setting) return undefined;
  if (!/^[\w+=,.@:/-]{2,1224}$/.test(setting.text)) {
    inputs.fault(`${setting.source}: an external id has 2 to 1224 letters, digits and _+=,.@:/-`);
  }
  if (!assumed) {
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
