import type { Endpoint, InputReader } from '../../agent/index.ts';
import type { Origin } from '../federation-settings.ts';
import { machineEnvironment } from '../machine-environment.ts';
import { azureDevOpsSource } from '../tokens/azure-devops.ts';
import { managedIdentitySource } from '../tokens/managed-identity.ts';
import type { Setting } from './setting.ts';

export const identities = ['connection', 'toolkitConnection', 'managedIdentity', 'environment'] as const;

/** What an identity brings along: how its first credentials are had, and what it says of the role. */
export interface Identity {
  /**
   * @throws DeliveryError when this job or this machine cannot have them; asked for only when every input is right
   */
  origin(): Origin;
  /** What the identity itself says of a setting that the inputs leave open. */
  field(name: string): Setting | undefined;
  /** Whether the first role is assumed with an ID token, and so must be named. */
  readonly federated: boolean;
}

/** Reads who the step is to be. Faults go to the reader. */
export function readIdentity(inputs: InputReader): Identity {
  const kind = inputs.choice('identity', identities, 'connection');
  switch (kind) {
    case 'connection':
      return connection(inputs);
    case 'toolkitConnection':
      return toolkitConnection(inputs);
    case 'managedIdentity':
      return managedIdentity(inputs);
    case 'environment':
      return environment(inputs);
  }
}

function connection(inputs: InputReader): Identity {
  const id = requiredConnection(inputs, 'awsConnection', 'AWS (OpenID Connect)');
  const endpoint = inputs.agent.endpoint(id);
  return {
    federated: true,
    origin: () => ({ kind: 'idToken', source: azureDevOpsSource(inputs.agent, id) }),
    field: (name) => fieldOf(endpoint.data(name), name),
  };
}

/** The fields of AWS Toolkit's connection type by our names for the same things. */
const toolkitFields: Readonly<Record<string, string>> = {
  roleArn: 'assumeRoleArn',
  sessionName: 'roleSessionName',
  externalId: 'externalId',
};

/** A connection of AWS Toolkit for Azure DevOps, read as its own tasks read it (awsConnectionParameters.ts). */
function toolkitConnection(inputs: InputReader): Identity {
  const { agent } = inputs;
  const id = requiredConnection(inputs, 'toolkitConnection', 'AWS');
  const endpoint = agent.endpoint(id);
  const { accessKeyId, secretAccessKey, sessionToken } = storedKeys(inputs, endpoint);
  const federated = !accessKeyId && /^true$/i.test(endpoint.parameter('useOIDC') ?? '');
  const role = endpoint.parameter('assumeRoleArn') ?? agent.input('roleArn');
  if (!accessKeyId && !federated && !role) {
    inputs.fault(
      'the service connection has neither keys nor a role: fill it in, or tick "Use OIDC" and name a role.',
    );
  }
  return {
    federated,
    origin: () => {
      if (federated) return { kind: 'idToken', source: azureDevOpsSource(agent, id) };
      // A role without keys is assumed with what the agent's machine has, as the Toolkit does it.
      if (!accessKeyId || !secretAccessKey)
        return { kind: 'machine', environment: machineEnvironment(process.env) };
      return {
        kind: 'keys',
        keys: { accessKeyId, secretAccessKey, sessionToken },
        named: 'the service connection',
      };
    },
    field: (name) => {
      // With an ID token the Toolkit sends no external id; a connection that has one all the same still works.
      if (federated && name === 'externalId') return undefined;
      const theirs = toolkitFields[name];
      return theirs ? fieldOf(endpoint.parameter(theirs), theirs) : undefined;
    },
  };
}

function storedKeys(inputs: InputReader, endpoint: Endpoint) {
  const accessKeyId = endpoint.parameter('username');
  const secretAccessKey = endpoint.parameter('password');
  if (Boolean(accessKeyId) !== Boolean(secretAccessKey)) {
    inputs.fault(
      'the service connection has only one of "Access Key ID" and "Secret Access Key": fill in both or none.',
    );
  }
  return { accessKeyId, secretAccessKey, sessionToken: endpoint.parameter('sessionToken') };
}

function managedIdentity(inputs: InputReader): Identity {
  const { agent } = inputs;
  const resource = agent.input('managedIdentityResource');
  if (!resource) {
    inputs.fault(
      'input managedIdentityResource is empty: name the application that the token is made out for, such as api://AzureADTokenExchange.',
    );
  }
  const source = managedIdentitySource(process.env, resource ?? '', agent.input('managedIdentityClientId'));
  return { federated: true, origin: () => ({ kind: 'idToken', source }), field: () => undefined };
}

/** The variables of AWS Toolkit by our names for the same things. */
const toolkitVariables: Readonly<Record<string, string>> = {
  roleArn: 'AWS.AssumeRoleArn',
  sessionName: 'AWS.RoleSessionName',
  externalId: 'AWS.ExternalId',
};

/** What the agent has: the pipeline's AWS variables first, then the machine's own places. */
function environment(inputs: InputReader): Identity {
  const { agent } = inputs;
  const accessKeyId = agent.variable('AWS.AccessKeyID');
  const secretAccessKey = agent.variable('AWS.SecretAccessKey');
  if (Boolean(accessKeyId) !== Boolean(secretAccessKey)) {
    inputs.fault(
      'only one of the variables AWS.AccessKeyID and AWS.SecretAccessKey is set: set both, or neither to use what the machine has.',
    );
  }
  const sessionToken = agent.variable('AWS.SessionToken');
  return {
    federated: false,
    origin: () =>
      accessKeyId && secretAccessKey
        ? {
            kind: 'keys',
            keys: { accessKeyId, secretAccessKey, sessionToken },
            named: 'the variable AWS.AccessKeyID',
          }
        : { kind: 'machine', environment: machineEnvironment(process.env) },
    field: (name) => {
      const variable = toolkitVariables[name];
      const text = variable && agent.variable(variable);
      return text ? { text, source: `variable ${variable}` } : undefined;
    },
  };
}

function requiredConnection(inputs: InputReader, input: string, type: string): string {
  const id = inputs.text(input);
  if (!id) inputs.fault(`input ${input} is empty: name a service connection of type "${type}".`);
  return id ?? '';
}

function fieldOf(text: string | undefined, name: string): Setting | undefined {
  return text ? { text, source: `field ${name} of the service connection` } : undefined;
}
