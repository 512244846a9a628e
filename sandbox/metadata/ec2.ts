/**
 * EC2's instance metadata service, version 2 only, as far as credentials go.
 *
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-security-credentials.html
 */
import { randomBytes } from 'node:crypto';
import { type Policy, readTrustPolicy } from '../aws/iam/policy-document.ts';
import { roleArn, roleId, sessionArn } from '../aws/identities.ts';
import type { Session, Sessions } from '../aws/sessions.ts';
import {
  json,
  plainText,
  type SandboxRequest,
  type SandboxResponse,
  type Service,
  type Surroundings,
} from '../http.ts';
import type { Role } from '../world.ts';

/** Seconds a token may be asked for: "minimum one second, maximum 21600 (six hours)". */
const longestToken = 21_600;
/** Seconds that the credentials of an instance profile live. */
const credentialsLife = 6 * 60 * 60;
const instanceId = 'i-0a1b2c3d4e5f60718';

const tokenPath = '/latest/api/token';
const credentialsPath = '/latest/meta-data/iam/security-credentials/';

/** The service of one instance; tokens and credentials live as long as what this returns. */
export function createEc2Metadata(surroundings: Surroundings, sessions: Sessions): Service {
  const { world, now, rememberSecret } = surroundings;
  /** When each token ends. */
  const tokens = new Map<string, number>();
  let handedOut: Session | undefined;

  const issueToken = (request: SandboxRequest): SandboxResponse | Promise<SandboxResponse> => {
    // "any request that contains an X-Forwarded-For header is refused": a proxy must not lend its address.
    if (request.headers['x-forwarded-for'] !== undefined) return plainText(403, '403 - Forbidden');
    const seconds = request.headers['x-aws-ec2-metadata-token-ttl-seconds'] ?? '';
    if (!/^\d+$/.test(seconds) || Number(seconds) < 1 || Number(seconds) > longestToken)
      return plainText(400, '400 - Bad Request');
    const { hops, hopLimit } = world.machine.ec2 ?? { hops: 0, hopLimit: 0 };
    // The packets with the token die on the way: whoever asked waits.
    if (hops > hopLimit) return new Promise(() => {});
    const token = `AQAEA${randomBytes(36).toString('base64url')}==`;
    rememberSecret(token);
    tokens.set(token, now().getTime() + Number(seconds) * 1000);
    return {
      status: 200,
      headers: { 'Content-Type': 'text/plain', 'X-Aws-Ec2-Metadata-Token-Ttl-Seconds': seconds },
      body: token,
    };
  };

  const credentialsOf = (account: string, name: string, role: Role): SandboxResponse => {
    const at = {
      LastUpdated: now()
        .toISOString()
        .replace(/\.\d+Z$/, 'Z'),
    };
    if (!trustsEc2(readTrustPolicy(role.trustPolicy))) {
      // "EC2 cannot assume the role", as the guide's troubleshooting has it.
      const Message = `EC2 cannot assume the role ${name}. Please see documentation at https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_iam-ec2.html#troubleshoot_iam-ec2_errors-info-doc.`;
      return json(200, { Code: 'AssumeRoleUnauthorizedAccess', Message, ...at });
    }
    // "We make new credentials available at least five minutes before the expiration of the old credentials."
    if (!handedOut || handedOut.expiration.getTime() - now().getTime() < 5 * 60 * 1000) {
      handedOut = openSession(account, name, role);
    }
    return json(200, {
      Code: 'Success',
      ...at,
      Type: 'AWS-HMAC',
      AccessKeyId: handedOut.accessKeyId,
      SecretAccessKey: handedOut.secretAccessKey,
      Token: handedOut.sessionToken,
      Expiration: handedOut.expiration.toISOString().replace('.000Z', 'Z'),
    });
  };

  const openSession = (account: string, name: string, role: Role): Session =>
    sessions.open(
      {
        partition: 'aws',
        account,
        roleName: name,
        roleArn: roleArn('aws', account, name, role),
        userId: `${roleId(account, name)}:${instanceId}`,
        arn: sessionArn('aws', account, name, instanceId),
        attributes: { tags: new Map(), transitiveKeys: [], sourceIdentity: undefined },
        policies: undefined,
        webIdentity: undefined,
      },
      Math.min(credentialsLife, role.sessionLifetime ?? Number.POSITIVE_INFINITY),
    );

  return (request) => {
    if (request.path === tokenPath) {
      return request.method === 'PUT' ? issueToken(request) : plainText(405, '405 - Method Not Allowed');
    }
    if (request.method !== 'GET') return plainText(405, '405 - Method Not Allowed');
    // HttpTokens "required": version 1, which asks without a token, is refused.
    const end = tokens.get(request.headers['x-aws-ec2-metadata-token'] ?? '');
    if (end === undefined || end <= now().getTime()) return plainText(401, '401 - Unauthorized');
    const { account = '', role: name } = world.machine.ec2 ?? {};
    const role = name === undefined ? undefined : world.accounts[account]?.roles[name];
    if (name === undefined || role === undefined) return notFound;
    if (request.path === credentialsPath)
      return { status: 200, headers: { 'Content-Type': 'text/plain' }, body: name };
    return request.path === credentialsPath + name ? credentialsOf(account, name, role) : notFound;
  };
}

const notFound = plainText(404, '404 - Not Found');

/** A plain "Allow ec2.amazonaws.com sts:AssumeRole"; conditions and denials are taken against the instance. */
function trustsEc2(policy: Policy): boolean {
  const named = policy.filter(({ principals = [] }) =>
    principals.some((principal) => principal.kind === 'service' && principal.name === 'ec2.amazonaws.com'),
  );
  return (
    named.some(
      ({ effect, actions, conditions }) =>
        effect === 'Allow' &&
        !actions.excluding &&
        actions.patterns.some((action) => /^sts:assumerole$/i.test(action)) &&
        conditions.length === 0,
    ) && !policy.some(({ effect }) => effect === 'Deny')
  );
}
