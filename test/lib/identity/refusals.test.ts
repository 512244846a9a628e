import assert from 'node:assert/strict';
import { AwsServiceError } from '../../../lib/aws/index.ts';
import type { DeliveryError, ErrorCode } from '../../../lib/errors/index.ts';
import type { FederationSettings } from '../../../lib/identity/federation-settings.ts';
import { explainChainRefusal, explainWebIdentityRefusal } from '../../../lib/identity/refusals.ts';
import { type IdTokenClaims, parseIdToken } from '../../../lib/identity/tokens/id-token.ts';
import { chainTrustPolicyFor, providerArn, trustPolicyFor } from '../../../lib/identity/trust-policy.ts';
import {
  claims,
  deployer,
  jwtOf,
  managedIdentity,
  payloads,
  roleNamed,
  settings,
  tenant,
  unrestricted,
} from './samples.ts';

interface Expected {
  readonly code: ErrorCode;
  /** What must stand in the sentence that says what happened. */
  readonly what: readonly string[];
  readonly why?: readonly string[];
  readonly remedy: readonly string[];
}

function assertExplained(error: DeliveryError, said: AwsServiceError, expected: Expected): void {
  assert.equal(error.code, expected.code);
  const { what, why = '', remedy = '', requestId } = error.fault;
  assert.equal(requestId, 'req-1');
  for (const text of expected.what) assert(what.includes(text), `${text} in: ${what}`);
  for (const text of [`AWS STS said: ${said.code}: ${said.message}`, ...(expected.why ?? [])]) {
    assert(why.includes(text), `${text} in: ${why}`);
  }
  for (const text of expected.remedy) assert(remedy.includes(text), `${text} in: ${remedy}`);
  for (const text of [what, why, remedy]) assert.doesNotMatch(text, /undefined|\[object/);
}

const refusal = (code: string, message: string, status = 400) =>
  new AwsServiceError({ code, message, status, requestId: 'req-1' });

describe('a refusal of the ID token', () => {
  const role = deployer;
  const tokenWith = (of: IdTokenClaims) => ({ ...parseIdToken(jwtOf(payloads.vstoken)), claims: of });
  const provider = providerArn(role, claims.vstoken.issuer);
  const cases: Record<
    string,
    [
      code: string,
      message: string,
      expected: Expected,
      given?: { settings?: FederationSettings; claims?: IdTokenClaims },
    ]
  > = {
    'for lack of trust shows the claims and a policy': [
      'AccessDenied',
      'Not authorized to perform sts:AssumeRoleWithWebIdentity',
      {
        code: 'ACCESS_DENIED',
        what: [role.arn],
        why: [payloads.vstoken.iss, payloads.vstoken.sub, payloads.vstoken.aud],
        remedy: [
          'aws iam get-role --role-name deployer',
          'aws iam update-assume-role-policy --role-name deployer',
          trustPolicyFor(role, claims.vstoken),
        ],
      },
    ],
    'for lack of trust in a token of Entra shows azp and aud': [
      'AccessDenied',
      'Not authorized to perform sts:AssumeRoleWithWebIdentity',
      {
        code: 'ACCESS_DENIED',
        what: [role.arn],
        why: [payloads.entra.iss, payloads.entra.sub, payloads.entra.azp, payloads.entra.aud],
        remedy: [trustPolicyFor(role, claims.entra)],
      },
      { claims: claims.entra },
    ],
    'for a missing provider shows how to create it': [
      'InvalidIdentityToken',
      `No OpenIDConnect provider found in your account for ${payloads.vstoken.iss}`,
      {
        code: 'PROVIDER_MISSING',
        what: ['111122223333', payloads.vstoken.iss],
        remedy: [
          'account 111122223333',
          `aws iam create-open-id-connect-provider --url ${payloads.vstoken.iss} --client-id-list ${payloads.vstoken.aud}`,
        ],
      },
    ],
    "for the audience shows how to add it to the provider's": [
      'InvalidIdentityToken',
      'Incorrect token audience',
      {
        code: 'AUDIENCE_REFUSED',
        what: [provider, payloads.vstoken.aud],
        why: [payloads.vstoken.sub],
        remedy: [
          `aws iam add-client-id-to-open-id-connect-provider --open-id-connect-provider-arn ${provider} --client-id ${payloads.vstoken.aud}`,
        ],
      },
    ],
    'for the audience of a token of Entra adds the azp': [
      'InvalidIdentityToken',
      'Incorrect token audience',
      {
        code: 'AUDIENCE_REFUSED',
        what: [payloads.entra.azp],
        why: [payloads.entra.aud],
        remedy: [`--client-id ${payloads.entra.azp}`],
      },
      { claims: claims.entra },
    ],
    'that cannot be verified names where the keys come from': [
      'InvalidIdentityToken',
      "Couldn't retrieve verification key from your identity provider, please reference AssumeRoleWithWebIdentity documentation for requirements",
      {
        code: 'ID_TOKEN_UNVERIFIED',
        what: ['signature'],
        why: [payloads.vstoken.sub],
        remedy: [`${payloads.vstoken.iss}/.well-known/openid-configuration`],
      },
    ],
    'whose issuer AWS cannot reach names where the keys come from': [
      'IDPCommunicationError',
      'The identity provider could not be reached',
      {
        code: 'ID_TOKEN_UNVERIFIED',
        what: ['signature'],
        remedy: [`${payloads.vstoken.iss}/.well-known/openid-configuration`],
      },
    ],
    'that the issuer refused': [
      'IDPRejectedClaim',
      'The identity provider rejected the claim',
      { code: 'CLAIM_REFUSED', what: ['issuer refused'], remedy: ['Run the job again'] },
    ],
    'that has expired says when': [
      'ExpiredTokenException',
      'Token expired: current date/time 1795000400 must be before the expiration date/time 1795000300',
      {
        code: 'ID_TOKEN_EXPIRED',
        what: [claims.vstoken.expiresAt.toISOString()],
        why: ["The agent's clock is 300 s behind"],
        remedy: ["synchronise the agent's clock"],
      },
    ],
    'for too long a session shows how to raise the limit': [
      'ValidationError',
      'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
      {
        code: 'DURATION_TOO_LONG',
        what: [role.arn, '7200 s'],
        remedy: ['sessionDuration', 'aws iam update-role --role-name deployer --max-session-duration 7200'],
      },
      { settings: { ...settings, sessionDuration: 7200 } },
    ],
    'in a disabled region shows how to enable it': [
      'RegionDisabledException',
      'STS is not activated in this region for account: 111122223333',
      {
        code: 'REGION_DISABLED',
        what: ['eu-west-1', '111122223333'],
        remedy: ['aws account enable-region --region-name eu-west-1'],
      },
    ],
    'for too large a policy says what to shorten': [
      'PackedPolicyTooLarge',
      'Packed policy consumes 110% of allotted space, please use smaller policy.',
      { code: 'SESSION_POLICY_TOO_LARGE', what: ['larger than AWS allows'], remedy: ['Shorten'] },
    ],
    "for a reason that has no text of its own repeats the service's": [
      'ValidationError',
      "1 validation error detected: Value at 'roleArn' failed to satisfy constraint",
      { code: 'REQUEST_REFUSED', what: [role.arn, 'ValidationError'], remedy: ['request id'] },
    ],
  };
  for (const [what, [code, message, expected, given = {}]] of Object.entries(cases)) {
    it(what, () => {
      const said = refusal(code, message);
      assertExplained(
        explainWebIdentityRefusal(
          said,
          given.settings ?? settings,
          role,
          tokenWith(given.claims ?? claims.vstoken),
          300,
        ),
        said,
        expected,
      );
    });
  }

  describe('outside its time, where AWS does not say which side', () => {
    const said = refusal(
      'ExpiredTokenException',
      'The web identity token that was passed is expired or is not valid.',
    );
    const explain = (from: number, to: number, clockAhead?: number) => {
      const at = (seconds: number) => new Date(Date.now() + seconds * 1000);
      const token = { ...claims.vstoken, issuedAt: at(from), notBefore: at(from), expiresAt: at(to) };
      return { token, error: explainWebIdentityRefusal(said, settings, role, tokenWith(token), clockAhead) };
    };

    it('is too old when its end has passed', () => {
      const { token, error } = explain(-400, -100, 0);
      assertExplained(error, said, {
        code: 'ID_TOKEN_EXPIRED',
        what: [token.expiresAt.toISOString()],
        why: ['clock agrees'],
        remedy: ['Run the job again'],
      });
    });

    it("is too old when its end has passed by the service's clock", () => {
      assert.equal(explain(0, 300, 600).error.code, 'ID_TOKEN_EXPIRED');
    });

    it('is too young otherwise', () => {
      const { token, error } = explain(100, 400, -30);
      assertExplained(error, said, {
        code: 'ID_TOKEN_NOT_YET_VALID',
        what: [token.issuedAt.toISOString()],
        why: ["The agent's clock is 30 s ahead of"],
        remedy: ['Run the job again in a minute'],
      });
    });

    it('says so where the clocks cannot be compared', () => {
      assert.match(explain(-400, -100).error.fault.why ?? '', /differ is not known/);
    });
  });

  it('without a request id has none', () => {
    const said = new AwsServiceError({ code: 'AccessDenied', message: 'no', status: 403 });
    const token = parseIdToken(jwtOf(payloads.vstoken));
    const error = explainWebIdentityRefusal(said, settings, deployer, token, 0);
    assert.equal(error.fault.requestId, undefined);
  });
});

describe("a refusal of a machine's identity", () => {
  const ofMachine = { ...settings, origin: { kind: 'idToken', source: managedIdentity } } as const;
  const token = parseIdToken(jwtOf({ ...payloads.vstoken, iss: `https://sts.windows.net/${tenant}/` }));
  const explain = (code: string, message: string) =>
    explainWebIdentityRefusal(refusal(code, message), ofMachine, deployer, token, 0).fault;

  it('speaks of no service connection', () => {
    const {
      what,
      why = '',
      remedy = '',
    } = explain('AccessDenied', 'Not authorized to perform sts:AssumeRoleWithWebIdentity');
    assert.match(what, /does not trust this managed identity/);
    assert.match(remedy, /trusts exactly this managed identity/);
    assert(remedy.includes(`oidc-provider/sts.windows.net/${tenant}/"`));
    assert.doesNotMatch(what + why + remedy, /service connection/);
  });

  it('speaks of no clock of Azure DevOps', () => {
    const { why = '' } = explain('ExpiredTokenException', 'Token expired: current date/time …');
    assert.match(why, /metadata service/);
    assert.doesNotMatch(why, /Azure DevOps/);
  });

  it('recreates the identity, not a connection', () => {
    assert.match(explain('IDPRejectedClaim', 'no').remedy ?? '', /recreate the managed identity/);
  });
});

describe('a refusal of a chained role', () => {
  const from = deployer;
  const to = roleNamed('publisher', '444455556666');

  it('for lack of trust shows both policies', () => {
    const said = refusal(
      'AccessDenied',
      `User: arn:aws:sts::111122223333:assumed-role/deployer/shop is not authorized to perform: sts:AssumeRole on resource: ${to.arn}`,
      403,
    );
    const withId = { ...settings, roles: [from, to], externalId: 'shop:42' };
    assertExplained(explainChainRefusal(said, withId, from, to), said, {
      code: 'ACCESS_DENIED',
      what: [from.arn, to.arn],
      remedy: [
        'account 444455556666',
        'aws iam update-assume-role-policy --role-name publisher',
        chainTrustPolicyFor(from.arn, 'shop:42', false),
        'let the role arn:aws:iam::111122223333:role/deployer assume it',
        'aws iam put-role-policy --role-name deployer --policy-name assume-publisher',
        `"Resource":"${to.arn}"`,
      ],
    });
  });

  it('with session tags shows that both policies need sts:TagSession', () => {
    const said = refusal('AccessDenied', 'is not authorized to perform: sts:TagSession', 403);
    const tagged = { ...settings, roles: [from, to], restrictions: { ...unrestricted, tags: { a: 'b' } } };
    assertExplained(explainChainRefusal(said, tagged, from, to), said, {
      code: 'ACCESS_DENIED',
      what: ['with session tags'],
      remedy: [
        chainTrustPolicyFor(from.arn, undefined, true),
        '"Action":["sts:AssumeRole","sts:TagSession"]',
      ],
    });
  });

  it('on a hop that gets no tags speaks of none', () => {
    const said = refusal('AccessDenied', 'is not authorized to perform: sts:AssumeRole', 403);
    const middle = roleNamed('packer');
    const tagged = {
      ...settings,
      roles: [from, middle, to],
      restrictions: { ...unrestricted, tags: { a: 'b' } },
    };
    const { what, remedy = '' } = explainChainRefusal(said, tagged, from, middle).fault;
    assert.doesNotMatch(what + remedy, /tags|TagSession/);
  });

  for (const [what, message, transitiveTagKeys] of [
    ['that inherits tags', 'is not authorized to perform: sts:AssumeRole', ['a']],
    ['of which AWS says that it lacks sts:TagSession', 'is not authorized to perform: sts:TagSession', []],
  ] as const) {
    it(`on a hop ${what} shows that its policies need sts:TagSession`, () => {
      const last = roleNamed('archivist');
      const restrictions = { ...unrestricted, tags: { a: 'b' }, transitiveTagKeys };
      const tagged = { ...settings, roles: [from, roleNamed('packer'), to, last], restrictions };
      const { remedy = '' } = explainChainRefusal(
        refusal('AccessDenied', message, 403),
        tagged,
        from,
        to,
      ).fault;
      assert(remedy.includes(chainTrustPolicyFor(from.arn, undefined, true)), remedy);
    });
  }

  it('from keys or a machine leaves its ARN to fill in', () => {
    const said = refusal('AccessDenied', 'User: arn:aws:iam::111122223333:user/build is not authorized', 403);
    const { origin: _, ...rest } = settings;
    const keyed = { ...rest, origin: { kind: 'machine', environment: {} } as const, roles: [to] };
    assertExplained(explainChainRefusal(said, keyed, undefined, to), said, {
      code: 'ACCESS_DENIED',
      what: ['The identity that this step starts from', to.arn],
      remedy: ['arn:aws:iam::ACCOUNT:ROLE-OR-USER', '--role-name ROLE '],
    });
  });

  it('for too long a session says that no role can have a longer one', () => {
    const said = refusal(
      'ValidationError',
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining',
    );
    assertExplained(explainChainRefusal(said, settings, from, to), said, {
      code: 'DURATION_TOO_LONG',
      what: [to.arn, '3600 s'],
      remedy: ['3600 s or less', 'sessionDuration'],
    });
  });

  it("for any other reason repeats the service's", () => {
    const said = refusal(
      'InvalidClientTokenId',
      'The security token included in the request is invalid.',
      403,
    );
    assertExplained(explainChainRefusal(said, settings, from, to), said, {
      code: 'REQUEST_REFUSED',
      what: [to.arn, 'InvalidClientTokenId'],
      remedy: ['request id'],
    });
  });
});
