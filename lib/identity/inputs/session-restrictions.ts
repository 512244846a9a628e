import { type InputReader, listOf } from '../../agent/index.ts';
import type { SessionRestrictions } from '../federation-settings.ts';

/** Limits of STS (API Reference, AssumeRole): number of tags, characters of keys, values and policies. */
const limits = { tags: 50, key: 128, value: 256, policy: 2048, policyArns: 10 };

const tagText = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
const policyArn = /^arn:aws[a-z0-9-]*:iam::(aws|\d{12}):policy\/[\x21-\x7e]+$/;

/**
 * The inputs that restrict and mark a session. The first role of an ID token takes no tags (STS API Reference,
 * AssumeRoleWithWebIdentity has no such parameter).
 * @param roles how many roles are assumed
 * @param federated whether the first of them with an ID token
 */
export function readSessionRestrictions(
  inputs: InputReader,
  roles: number,
  federated: boolean,
): SessionRestrictions {
  const tags = readTags(inputs);
  const transitiveTagKeys = listOf(inputs.text('transitiveTagKeys'));
  for (const key of transitiveTagKeys) {
    if (!Object.hasOwn(tags, key))
      inputs.fault(`input transitiveTagKeys: "${key}" is no key of sessionTags.`);
  }
  if (Object.keys(tags).length > 0 && roles < (federated ? 2 : 1)) {
    inputs.fault(
      'input sessionTags: AWS takes session tags only with AssumeRole, so name a chained role (chainRoleArns) that gets them.',
    );
  }
  const policy = readPolicy(inputs);
  const policyArns = readPolicyArns(inputs);
  if ((policy || policyArns.length > 0) && roles === 0) {
    const input = policy ? 'sessionPolicy' : 'sessionPolicyArns';
    inputs.fault(`input ${input}: only the session of a role takes a policy, and no role is named.`);
  }
  return { tags, transitiveTagKeys, policy, policyArns };
}

/** One `key=value` a line. */
function readTags(inputs: InputReader): Record<string, string> {
  const tags = new Map<string, string>();
  const keys = new Set<string>();
  for (const line of listOf(inputs.text('sessionTags'), /\n/)) {
    const [, before = '', value = ''] = /^([^=]*)=(.*)$/.exec(line) ?? [];
    const key = before.trim();
    if (!key) inputs.fault(`input sessionTags: "${line}" is not of the form key=value.`);
    else if (keys.has(key.toLowerCase()))
      inputs.fault(`input sessionTags names "${key}" twice; AWS takes no notice of letter case in keys.`);
    else tags.set(key, value.trim());
    keys.add(key.toLowerCase());
  }
  const entries = [...tags];
  if (entries.length > limits.tags)
    inputs.fault(`input sessionTags: AWS takes ${limits.tags} tags, not ${entries.length}.`);
  for (const [key, value] of entries) {
    if (key.length > limits.key || value.length > limits.value || !tagText.test(key + value)) {
      inputs.fault(
        `input sessionTags: "${key}" has a key of over ${limits.key} characters, a value of over ${limits.value}, or others than letters, digits, spaces and _.:/=+-@`,
      );
    }
    if (/^aws:/i.test(key))
      inputs.fault(`input sessionTags: "${key}" begins with aws:, which AWS keeps for itself.`);
  }
  return Object.fromEntries(entries);
}

function readPolicy(inputs: InputReader): string | undefined {
  const text = inputs.text('sessionPolicy');
  if (!text) return undefined;
  try {
    // Without its white space a policy uses less of what AWS allows.
    const policy = JSON.stringify(JSON.parse(text));
    if (policy.length > limits.policy) {
      inputs.fault(`input sessionPolicy has ${policy.length} characters; AWS takes ${limits.policy}.`);
    }
    return policy;
  } catch (error) {
    inputs.fault(`input sessionPolicy is no JSON: ${error instanceof Error ? error.message : error}`);
    return undefined;
  }
}

function readPolicyArns(inputs: InputReader): string[] {
  const arns = listOf(inputs.text('sessionPolicyArns'));
  if (arns.length > limits.policyArns) {
    inputs.fault(`input sessionPolicyArns: AWS takes ${limits.policyArns} policies, not ${arns.length}.`);
  }
  for (const arn of arns) {
    if (!policyArn.test(arn))
      inputs.fault(`input sessionPolicyArns: "${arn}" is no ARN of a managed policy.`);
  }
  return arns;
}
