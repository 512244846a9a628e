/** What AssumeRole and AssumeRoleWithWebIdentity have in common: the role asked for, for how long, and within what. */
import type { Role } from '../world.ts';
import { AwsError, validationError } from './errors.ts';
import { MalformedPolicyDocument, type Policy, parseSessionPolicy } from './iam/policy-document.ts';
import { roleArn } from './identities.ts';
import { limits } from './limits.ts';
import { managedPolicy } from './managed-policies.ts';
import type { Parameters, TextPattern } from './parameters.ts';
import type { StsCall } from './sts-call.ts';

/** Session names and source identities. */
export const nameText: TextPattern = { expression: /^[\w+=,.@-]*$/, shown: '[\\w+=,.@-]*' };
const arnText: TextPattern = {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the service allows tab, line feed and carriage return
  expression: /^[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]+$/u,
  shown: '[\\u0009\\u000A\\u000D\\u0020-\\u007E\\u0085\\u00A0-\\uD7FF\\uE000-\\uFFFD\\u10000-\\u10FFFF]+',
};
const policyText: TextPattern = {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the service allows tab, line feed and carriage return
  expression: /^[\u0009\u000A\u000D\u0020-\u00FF]+$/,
  shown: '[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+',
};

export interface RoleRequest {
  readonly roleArn: string;
  readonly sessionName: string;
  readonly durationSeconds: number;
  /** Session policy, in JSON. */
  readonly policy: string | undefined;
  /** Managed session policies. */
  readonly policyArns: readonly string[];
}

/** Reads the parameters that every AssumeRole call has. */
export function readRoleRequest(parameters: Parameters): RoleRequest {
  return {
    roleArn: parameters.required('RoleArn', { length: limits.roleArn, pattern: arnText }),
    sessionName: parameters.required('RoleSessionName', {
      length: limits.roleSessionName,
      pattern: nameText,
    }),
    // "By default, the value is set to 3600 seconds."
    durationSeconds: parameters.integer('DurationSeconds', limits.durationSeconds) ?? 3600,
    policy: parameters.optional('Policy', { length: limits.sessionPolicy, pattern: policyText }),
    policyArns: parameters
      .structures('PolicyArns', limits.policyArns, { arn: { length: limits.policyArn, pattern: arnText } })
      .map(({ arn }) => arn),
  };
}

/** A role of the world, or the place where one would be. */
export interface FoundRole {
  readonly account: string;
  readonly name: string;
  readonly arn: string;
  /** Undefined where there is none; callers must not learn that. */
  readonly role: Role | undefined;
}

/** The role an ARN names. Throws AwsError where it is no ARN of a role, or STS is off for its account in the Region. */
export function findRole(arn: string, { endpoint, surroundings: { world } }: StsCall): FoundRole {
  const [, partition, account, name] =
    /^arn:([a-z-]+):iam::(\d{12}):role\/(?:.*\/)?([\w+=,.@-]{1,64})$/.exec(arn) ?? [];
  if (partition !== endpoint.partition || account === undefined || name === undefined) {
    throw validationError('Request ARN is invalid');
  }
  const inAccount = world.accounts[account];
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_enable-regions.html
  if (inAccount?.disabledRegions.includes(endpoint.region)) {
    throw new AwsError(
      'RegionDisabledException',
      403,
      `STS is not activated in this region for account:${account}. Your account administrator can activate STS in this region using the IAM Console.`,
    );
  }
  const role = inAccount?.roles[name];
  // A role is found under its whole ARN, path included.
  const exists = role !== undefined && roleArn(partition, account, name, role) === arn;
  return { account, name, arn, role: exists ? role : undefined };
}

/** The role's own maximum, and the cap on sessions got with another role's session. Throws AwsError. */
export function checkDuration({ durationSeconds }: RoleRequest, role: Role, chained: boolean): void {
  if (chained && durationSeconds > limits.chainedDuration.most) {
    throw validationError(
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
    );
  }
  if (durationSeconds > role.maxSessionDuration) {
    throw validationError('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.');
  }
}

/** Session policies as passed; undefined where none were. Throws AwsError. */
export function readSessionPolicies(
  { policy, policyArns }: RoleRequest,
  partition: string,
): Policy[] | undefined {
  if (policy === undefined && policyArns.length === 0) return undefined;
  const managed = policyArns.map((arn) => {
    const found = managedPolicy(arn, partition);
    if (found !== undefined) return found;
    throw validationError(
      'At least one Policy ARN in the PolicyArns parameter does not match an existing IAM Managed Policy ARN.',
    );
  });
  return policy === undefined ? managed : [readSessionPolicy(policy), ...managed];
}

function readSessionPolicy(json: string): Policy {
  try {
    return parseSessionPolicy(json);
  } catch (error) {
    if (!(error instanceof MalformedPolicyDocument)) throw error;
    throw new AwsError('MalformedPolicyDocument', 400, error.message, { cause: error });
  }
}
