import type { RoleArn } from '../aws/index.ts';
import { effectiveAudience, type IdTokenClaims } from './id-token.ts';

/** The issuer as IAM names it in ARNs and condition keys: without the scheme. */
function providerName(issuer: string): string {
  return issuer.replace(/^https:\/\//, '');
}

/** ARN of the OIDC provider that the role's account must have for an issuer. */
export function providerArn(role: RoleArn, issuer: string): string {
  return `arn:${role.partition}:iam::${role.accountId}:oidc-provider/${providerName(issuer)}`;
}

/** The least trust policy that lets exactly the bearer of these claims assume the role. Pretty-printed JSON. */
export function trustPolicyFor(role: RoleArn, claims: IdTokenClaims): string {
  const name = providerName(claims.issuer);
  const policy = {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Federated: providerArn(role, claims.issuer) },
        Action: 'sts:AssumeRoleWithWebIdentity',
        Condition: {
          StringEquals: {
            [`${name}:aud`]: literally(effectiveAudience(claims)),
            [`${name}:sub`]: literally(claims.subject),
          },
        },
      },
    ],
  };
  return JSON.stringify(policy, null, 2);
}

/** A trust policy that lets a role's session assume the next role of a chain. */
export function chainTrustPolicyFor(from: RoleArn, externalId: string | undefined): string {
  const policy = {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { AWS: from.arn },
        Action: 'sts:AssumeRole',
        ...(externalId ? { Condition: { StringEquals: { 'sts:ExternalId': externalId } } } : {}),
      },
    ],
  };
  return JSON.stringify(policy, null, 2);
}

/**
 * Command that makes a policy the role's trust policy, replacing the one that is there. The policy stands in quotes
 * and not in a here-document: pasted with the blanks a log puts before it, the latter would have no end.
 */
export function updateTrustPolicyCommand(role: RoleArn, policy: string): string {
  return `aws iam update-assume-role-policy --role-name ${shellWord(role.roleName)} --policy-document ${shellWord(policy)}`;
}

/** Command that gives a role the right to assume the next one of a chain. */
export function allowAssumeCommand(from: RoleArn, to: RoleArn): string {
  const policy = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: to.arn }],
  };
  return `aws iam put-role-policy --role-name ${shellWord(from.roleName)} --policy-name ${shellWord(`assume-${to.roleName}`)} --policy-document ${shellWord(JSON.stringify(policy))}`;
}

export function createProviderCommand(claims: IdTokenClaims): string {
  return `aws iam create-open-id-connect-provider --url ${shellWord(claims.issuer)} --client-id-list ${shellWord(effectiveAudience(claims))}`;
}

export function addClientIdCommand(role: RoleArn, claims: IdTokenClaims): string {
  return `aws iam add-client-id-to-open-id-connect-provider --open-id-connect-provider-arn ${shellWord(providerArn(role, claims.issuer))} --client-id ${shellWord(effectiveAudience(claims))}`;
}

/** A value that holds `${` would be read as a policy variable; `${$}` stands for the dollar sign (IAM User Guide, "Policy variables"). */
function literally(value: string): string {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: IAM's own placeholder
  return value.replaceAll('${', '${$}{');
}

/** Quotes a value for a POSIX shell where it needs it: what a service said ends up in commands that people paste. */
function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
