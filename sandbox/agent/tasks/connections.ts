/** Service connections: found by the name or GUID that an input gives, and checked as Azure Pipelines checks them. */
import type { Connection, World } from '../../world.ts';
import type { TaskInput } from './definition.ts';

/** A service connection with its name. */
export interface NamedConnection extends Connection {
  readonly name: string;
}

const inputType = /^connectedService(?::([^:]*))?(?::(.*))?$/i;

/** Whether an input names service connections. */
export const namesConnections = (input: TaskInput): boolean => inputType.test(input.type);

/** Authorization parameters that are no secrets (MaskingUtil.cs, IsEndpointAuthorizationParametersSecret). */
const publicParameters: ReadonlySet<string> = new Set([
  ...[
    'role',
    'scope',
    'tenantid',
    'issuedat',
    'expiresat',
    'audience',
    'authenticationtype',
    'authorizationtype',
  ],
  ...['accesstokentype', 'accesstokenfetchingmethod', 'usewindowssecurity', 'unsecured'],
  ...['oauthaccesstokenissupplied', 'completecallbackpayload', 'acceptuntrustedcerts'],
]);

/** Whether an authorization parameter is masked wherever it is printed. */
export const isSecretParameter = (name: string): boolean => !publicParameters.has(name.toLowerCase());

/** Where an input stands, for messages. */
export interface InputPlace {
  readonly job: string;
  readonly step: string;
  readonly input: TaskInput;
}

/**
 * Finds the connections that an input names, several separated by commas.
 *
 * @throws Error in the words of Azure Pipelines: not found, of another type, of another scheme
 * @see Microsoft.TeamFoundation.DistributedTask.Pipelines, PipelineStrings: ServiceEndpointNotFoundForInput,
 *   StepInputEndpointTypeMismatch, StepInputEndpointAuthSchemeMismatch
 */
export function findConnections(world: World, value: string, place: InputPlace): NamedConnection[] {
  const references = value.split(',').map((reference) => reference.trim());
  return references.filter((reference) => reference !== '').map((reference) => find(world, reference, place));
}

function find(world: World, reference: string, { job, step, input }: InputPlace): NamedConnection {
  const start = `Job ${job}: Step ${step} input ${input.name}`;
  const found = Object.entries(world.connections).find(
    ([name, { id }]) => id === reference.toLowerCase() || name.toLowerCase() === reference.toLowerCase(),
  );
  if (found === undefined) {
    throw new Error(
      `${start} references service connection ${reference} which could not be found. The service connection does ` +
        'not exist, has been disabled or has not been authorized for use. For authorization details, refer to https://aka.ms/yamlauthz.',
    );
  }
  const [name, connection] = found;
  const [, type = '', schemes = ''] = inputType.exec(input.type) ?? [];
  if (type !== '' && type.toLowerCase() !== connection.type.toLowerCase()) {
    throw new Error(
      `${start} expects a service connection of type ${type} but the provided service connection ${name} is of type ${connection.type}.`,
    );
  }
  const allowed = schemes.split(',').map((scheme) => scheme.trim().toLowerCase());
  if (schemes !== '' && !allowed.includes(connection.scheme.toLowerCase())) {
    throw new Error(
      `${start} expects a service connection of type ${type} with authentication scheme ${schemes} but the provided ` +
        `service connection ${name} is of type ${connection.type} using authentication scheme ${connection.scheme}.`,
    );
  }
  return { ...connection, name };
}
