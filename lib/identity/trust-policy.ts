// What a service said ends up in commands that people paste, so every value in them is quoted.
import type { RoleArn } from '../aws/index.ts';
import { shellWord } from './shell-word.ts';
import { effectiveAudience, type IdTokenClaims } from './tokens/id-token.ts';

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

/** sts:TagSession stands beside the action wherever session tags are passed (IAM User Guide, "Session tags"). */
function assumeRoleActions(tagged: boolean): string | string[] {
  return tagged ? ['sts:AssumeRole', 'sts:TagSession'] : 'sts:AssumeRole';
}

/** The least trust policy that lets `trusted` (an ARN) assume a role. Pretty-printed JSON. */
export function chainTrustPolicyFor(
  trusted: string,
  externalId: string | undefined,
  tagged: boolean,
): string {
  const policy = {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { AWS: trusted },
        Action: assumeRoleActions(tagged),
        ...(externalId ? { Condition: { StringEquals: { 'sts:ExternalId': literally(externalId) } } } : {}),
      },
    ],
  };
  return JSON.stringify(policy, null, 2);
}

/** Command that lets an identity assume a role; a user's name, or a role that is not known, is left to fill in. */
export function allowAssumeCommand(from: RoleArn | undefined, to: RoleArn, tagged: boolean): string {
  const statement = { Effect: 'Allow', Action: assumeRoleActions(tagged), Resource: to.arn };
  const policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
  const name = shellWord(`assume-${to.roleName}`);
  const roleName = from ? shellWord(from.roleName) : 'ROLE';
  return `aws iam put-role-policy --role-name ${roleName} --policy-name ${name} --policy-document ${shellWord(policy)}`;
}

/**
 * Command that makes a policy the role's trust policy, replacing the one that is there. The policy stands in quotes
 * and not in a here-document: pasted with the blanks a log puts before it, the latter would have no end.
 */
export function updateTrustPolicyCommand(role: RoleArn, policy: string): string {
  return `aws iam update-assume-role-policy --role-name ${shellWord(role.roleName)} --policy-document ${shellWord(policy)}`;
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
