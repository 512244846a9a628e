/**
 * AWS STS: AssumeRoleWithWebIdentity, AssumeRole and GetCallerIdentity, stricter than the real one.
 *
 * https://docs.aws.amazon.com/STS/latest/APIReference/
 */
import type { SandboxResponse, Site, Surroundings } from '../http.ts';
import { assumeRole } from './assume-role.ts';
import { assumeRoleWithWebIdentity } from './assume-role-with-web-identity.ts';
import { authenticate } from './credentials.ts';
import { AwsError } from './errors.ts';
import { Parameters } from './parameters.ts';
import { stsEndpoint } from './partitions.ts';
import { failure, readCall, success, unknownOperation, type Xml } from './query-protocol.ts';
import { createSessions } from './sessions.ts';
import type { StsCall } from './sts-call.ts';

const version = '2011-06-15';
const namespace = `https://sts.amazonaws.com/doc/${version}/`;

/** STS at all its host names, for the sessions it opens itself and those that others share with it. */
export function createSts(
  surroundings: Surroundings,
  sessions = createSessions(surroundings.now, surroundings.rememberSecret),
): Site {
  return {
    serves: (host) => stsEndpoint(host) !== undefined,
    service: async (request) => {
      try {
        return await respond({ request, surroundings, sessions });
      } catch (error) {
        if (error instanceof AwsError) return failure(namespace, error);
        throw error;
      }
    },
  };
}

async function respond({
  request,
  surroundings,
  sessions,
}: Omit<StsCall, 'endpoint' | 'parameters'>): Promise<SandboxResponse> {
  const endpoint = stsEndpoint(request.host);
  if (endpoint === undefined) throw new Error(`STS does not serve ${request.host}`);
  const call = readCall(request, version);
  const operation = operations.get(call.action);
  if (operation === undefined) throw unknownOperation(call.action, version);
  const result = await operation({
    request,
    surroundings,
    sessions,
    endpoint,
    parameters: new Parameters(call),
  });
  return success(namespace, call.action, result);
}

const operations: ReadonlyMap<string, (call: StsCall) => Xml | Promise<Xml>> = new Map<
  string,
  (call: StsCall) => Xml | Promise<Xml>
>([
  ['AssumeRole', assumeRole],
  ['AssumeRoleWithWebIdentity', assumeRoleWithWebIdentity],
  ['GetCallerIdentity', getCallerIdentity],
]);

/** "No permissions are required to perform this operation." */
function getCallerIdentity(call: StsCall): Xml {
  const { userId, caller } = authenticate(call);
  call.parameters.finish();
  return { Arn: caller.arn, UserId: userId, Account: caller.account };
}
