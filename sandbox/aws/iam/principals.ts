/**
 * Principals: who asks, and whom the Principal element of a trust policy names.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */

/** Who asks. */
export type Caller =
  | { readonly kind: 'user'; readonly account: string; readonly arn: string }
  | {
      readonly kind: 'session';
      readonly account: string;
      /** `arn:aws:sts::111122223333:assumed-role/deployer/build-42` */
      readonly arn: string;
      /** `arn:aws:iam::111122223333:role/path/deployer`, which has the path that `arn` lacks. */
      readonly roleArn: string;
    }
  /** Whoever an identity provider vouches for; `arn` is the provider's. */
  | { readonly kind: 'webIdentity'; readonly account: string; readonly arn: string };

/** Keys of a Principal element. */
export type PrincipalType = 'AWS' | 'Federated' | 'Service' | 'CanonicalUser';

/** One entry of a Principal element. */
export type PrincipalPattern =
  | { readonly kind: 'everyone' }
  /** `"AWS": "*"` */
  | { readonly kind: 'everyAwsPrincipal' }
  | { readonly kind: 'account'; readonly account: string; readonly partition?: string }
  /** A user, a role or a role session. */
  | { readonly kind: 'arn'; readonly arn: string }
  | { readonly kind: 'federated'; readonly provider: string }
  | { readonly kind: 'service'; readonly name: string };

/**
 * How a principal is named, if at all: itself, or only through its account, which then has to give it leave by an
 * identity policy ("This delegates authority to the account", #principal-accounts). `undocumented` must be taken
 * against the caller.
 */
export type Naming = 'itself' | 'itsAccount' | 'not' | 'undocumented';

const partition = 'aws(?:-[a-z]+)*';
const accountRoot = new RegExp(`^arn:(${partition}):iam::(\\d{12}):root$`);
const iamPrincipal = new RegExp(
  `^arn:${partition}:iam::\\d{12}:(?:user|role)/(?:[\\x21-\\x7e]*/)?[\\w+=,.@-]{1,64}$`,
);
const rolesession = new RegExp(
  `^arn:${partition}:sts::\\d{12}:assumed-role/[\\w+=,.@-]{1,64}/[\\w+=,.@-]{2,64}$`,
);
const identityProvider = new RegExp(
  `^arn:${partition}:iam::\\d{12}:(?:oidc-provider|saml-provider)/[\\x21-\\x7e]+$`,
);
const domainName = /^[a-z0-9-]+(\.[a-z0-9-]+)+$/;

/**
 * Reads one entry of a Principal element. Texts of faults: access-analyzer-reference-policy-checks.html, "Unsupported
 * wildcard in principal", "Invalid federated principal syntax in role trust policy", "Invalid principal key".
 */
export function readPrincipal(
  type: PrincipalType,
  value: string,
): { readonly principal: PrincipalPattern } | { readonly fault: string } {
  if (type === 'AWS' && value === '*') return { principal: { kind: 'everyAwsPrincipal' } };
  // "You cannot use a wildcard to match part of a principal name or ARN."
  if (/[*?]/.test(value)) {
    return {
      fault: `Wildcards (*, ?) are not supported with the principal key ${type}. Replace the wildcard with a valid principal value.`,
    };
  }
  switch (type) {
    case 'AWS': {
      if (/^\d{12}$/.test(value)) return { principal: { kind: 'account', account: value } };
      const [, inPartition, account] = accountRoot.exec(value) ?? [];
      if (inPartition !== undefined && account !== undefined)
        return { principal: { kind: 'account', account, partition: inPartition } };
      if (iamPrincipal.test(value) || rolesession.test(value))
        return { principal: { kind: 'arn', arn: value } };
      // What IAM answers CreateRole and UpdateAssumeRolePolicy with.
      return { fault: `Invalid principal in policy: "AWS":"${value}"` };
    }
    case 'Federated':
      if (identityProvider.test(value) || domainName.test(value))
        return { principal: { kind: 'federated', provider: value } };
      return {
        fault:
          'The principal value specifies a federated principal that does not match the expected format. Update the federated principal to a domain name or a SAML metadata ARN.',
      };
    case 'Service':
      if (domainName.test(value)) return { principal: { kind: 'service', name: value } };
      return { fault: `Invalid principal in policy: "SERVICE":"${value}"` };
    case 'CanonicalUser':
      // "Most resource-based policies do not support this mapping" (reference_policies_grammar.html); trust policies do not.
      return { fault: 'The principal key CanonicalUser is not valid.' };
  }
}

/** Whether an entry names the caller. No caller of the sandbox is an AWS service. */
export function names(pattern: PrincipalPattern, caller: Caller): Naming {
  switch (pattern.kind) {
    case 'everyone':
      return 'itself';
    case 'everyAwsPrincipal':
      // "For anonymous users … equivalent" to `*` (#principal-anonymous); of web identities nothing is said.
      return caller.kind === 'webIdentity' ? 'undocumented' : 'itself';
    case 'account': {
      const [, inPartition] = caller.arn.split(':');
      const same = caller.account === pattern.account && (pattern.partition ?? inPartition) === inPartition;
      return same && caller.kind !== 'webIdentity' ? 'itsAccount' : 'not';
    }
    case 'arn':
      // "the user name part of the ARN is case sensitive"
      if (caller.kind === 'webIdentity') return 'not';
      return caller.arn === pattern.arn || (caller.kind === 'session' && caller.roleArn === pattern.arn)
        ? 'itself'
        : 'not';
    case 'federated':
      return caller.kind === 'webIdentity' && caller.arn === pattern.provider ? 'itself' : 'not';
    case 'service':
      return 'not';
  }
}
