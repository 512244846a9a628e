import assert from 'node:assert/strict';
import {
  rolePoliciesSchema,
  trustPolicySchema,
  userPoliciesSchema,
} from '../../../sandbox/aws/iam/policy-document.ts';
import { type Limit, limits } from '../../../sandbox/aws/limits.ts';
import { credentialsOf, type Form, outcomeOf } from './sts-caller.ts';
import {
  account,
  alice,
  createTestbed,
  issuerUrl,
  providerArn,
  type Testbed,
  trust,
  trustToken,
} from './testbed.ts';

/** Asks for something of that size, count or duration; the refusal is the one that a limit brings. */
interface Probe {
  readonly ask: (size: number) => Promise<string> | string;
  readonly refusal: RegExp;
  /** What comes of it within the limit, where that is not success: the refusal of the next check. */
  readonly taken?: RegExp;
}

describe('limits', () => {
  let testbed: Testbed;
  let target: string;

  before(async () => {
    testbed = await createTestbed();
    testbed.role('deployer', {
      maxSessionDuration: 43_200,
      trustPolicy: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { Federated: providerArn }, Action: 'sts:*' }],
      },
    });
    target = testbed.role('target', { maxSessionDuration: 43_200, trustPolicy: trust('*', 'sts:*') });
  });

  const federate = async (parameters: Form) => outcomeOf(await testbed.federate(parameters));
  const asAlice = async (parameters: Form) =>
    outcomeOf(
      await testbed.signed(alice, 'AssumeRole', {
        RoleArn: target,
        RoleSessionName: 'session',
        ...parameters,
      }),
    );
  const numbered = (count: number, entry: (index: number) => Form): Form =>
    Object.assign({}, ...Array.from({ length: count }, (_, index) => entry(index + 1)));
  const tag = (index: number, key: string, value: string): Form => ({
    [`Tags.member.${index}.Key`]: key,
    [`Tags.member.${index}.Value`]: value,
  });
  /** A document whose JSON, without white space, has that many characters. */
  function documentOf(size: number, statement: object): unknown {
    const sized = (sid: string) => ({ Version: '2012-10-17', Statement: [{ Sid: sid, ...statement }] });
    return sized('x'.repeat(Math.max(0, size - JSON.stringify(sized('')).length)));
  }
  /** A token that is as it should be and that long; or, where it is to be very short, none at all. */
  async function tokenOf(size: number): Promise<string> {
    if (size < 1000) return 'x'.repeat(size);
    const { length } = await testbed.token({ padding: '' });
    const padding = Math.floor(((size - length) * 3) / 4);
    for (const less of Array.from({ length: 20 }).keys()) {
      // Base64 has no text of 4n + 1 characters: another header then makes up for it.
      for (const header of [{}, { x: '' }]) {
        const token = await testbed.token({ padding: 'x'.repeat(padding - less + 4) }, header);
        if (token.length === size) return token;
      }
    }
    throw new Error(`No token of ${size} characters`);
  }

  const permission = { Effect: 'Allow', Action: 's3:*', Resource: '*' };
  const accepted = (result: { success: boolean; error?: { message: string } | undefined }) =>
    result.success ? 'ok' : String(result.error?.message);

  const probes: Readonly<Record<keyof typeof limits, Probe>> = {
    roleArn: {
      ask: (size) => federate({ RoleArn: `arn:aws:iam::${account}:role/`.padEnd(size, 'x').slice(0, size) }),
      refusal: /at 'roleArn' failed/,
      taken: /^(AccessDenied: |ValidationError: Request ARN is invalid)/,
    },
    roleSessionName: {
      ask: (size) => federate({ RoleSessionName: 'x'.repeat(size) }),
      refusal: /at 'roleSessionName' failed/,
    },
    webIdentityToken: {
      ask: async (size) => federate({ WebIdentityToken: await tokenOf(size) }),
      refusal: /at 'webIdentityToken' failed/,
      taken: /^(ok|InvalidIdentityToken: The ID Token provided is not a valid JWT)/,
    },
    durationSeconds: {
      ask: (size) => federate({ DurationSeconds: String(size) }),
      refusal: /at 'durationSeconds' failed/,
    },
    sessionPolicy: {
      ask: (size) => federate({ Policy: size === 0 ? '' : JSON.stringify(documentOf(size, permission)) }),
      refusal: /at 'policy' failed/,
    },
    policyArns: {
      ask: (size) =>
        federate(
          numbered(size, (index) => ({
            [`PolicyArns.member.${index}.arn`]: 'arn:aws:iam::aws:policy/AWSDenyAll',
          })),
        ),
      refusal: /at 'policyArns' failed/,
    },
    policyArn: {
      ask: (size) => federate({ 'PolicyArns.member.1.arn': 'x'.repeat(size) }),
      refusal: /at 'policyArns\.1\.member\.arn' failed/,
      taken: /does not match an existing IAM Managed Policy/,
    },
    subject: {
      ask: async (size) => federate({ WebIdentityToken: await testbed.token({ sub: 'x'.repeat(size) }) }),
      refusal: /^InvalidIdentityToken/,
    },
    externalId: {
      ask: (size) => asAlice({ ExternalId: 'x'.repeat(size) }),
      refusal: /at 'externalId' failed/,
    },
    sourceIdentity: {
      ask: (size) => asAlice({ SourceIdentity: 'x'.repeat(size) }),
      refusal: /at 'sourceIdentity' failed/,
    },
    serialNumber: {
      ask: (size) => asAlice({ SerialNumber: 'x'.repeat(size) }),
      refusal: /at 'serialNumber' failed/,
      taken: /MultiFactorAuthentication failed/,
    },
    tokenCode: {
      ask: (size) => asAlice({ TokenCode: '1'.repeat(size) }),
      refusal: /at 'tokenCode' failed/,
      taken: /MultiFactorAuthentication failed/,
    },
    tags: {
      ask: (size) => asAlice(numbered(size, (index) => tag(index, `key${index}`, ''))),
      refusal: /at 'tags' failed/,
    },
    tagKey: {
      ask: (size) => asAlice(tag(1, 'x'.repeat(size), '')),
      refusal: /at 'tags\.1\.member\.key' failed/,
    },
    tagValue: {
      ask: (size) => asAlice(tag(1, 'key', 'x'.repeat(size))),
      refusal: /at 'tags\.1\.member\.value' failed/,
    },
    transitiveTagKeys: {
      ask: (size) =>
        asAlice({
          ...numbered(Math.min(size, 50), (index) => tag(index, `key${index}`, '')),
          ...numbered(size, (index) => ({
            [`TransitiveTagKeys.member.${index}`]: `key${Math.min(index, 50)}`,
          })),
        }),
      refusal: /at 'transitiveTagKeys' failed/,
    },
    chainedDuration: {
      async ask(size) {
        const session = credentialsOf(await testbed.federate());
        const parameters = { RoleArn: target, RoleSessionName: 'chained', DurationSeconds: String(size) };
        return outcomeOf(await testbed.signed(session, 'AssumeRole', parameters));
      },
      refusal: /^ValidationError/,
    },
    keysOfOneKind: {
      async ask(size) {
        const others = Array.from({ length: Math.max(0, size - 1) }, (_, index) => ({
          kty: 'RSA',
          kid: `other-${index}`,
        }));
        const keys = size === 0 ? [] : [testbed.issuer.publicKey, ...others];
        testbed.issuer.answer = (url) => ({
          status: 200,
          headers: {},
          body: JSON.stringify(
            url.endsWith('jwks') ? { keys } : { issuer: issuerUrl, jwks_uri: `${issuerUrl}/jwks` },
          ),
        });
        const outcome = await federate({});
        delete testbed.issuer.answer;
        return outcome;
      },
      refusal: /^InvalidIdentityToken: Couldn't retrieve verification key/,
    },
    trustPolicy: {
      ask: (size) => accepted(trustPolicySchema.safeParse(documentOf(size, trustToken.Statement[0] ?? {}))),
      refusal: /ACLSizePerRole/,
    },
    rolePolicies: {
      ask: (size) => accepted(rolePoliciesSchema.safeParse({ one: documentOf(size, permission) })),
      refusal: /10240 bytes exceeded/,
    },
    userPolicies: {
      ask: (size) => accepted(userPoliciesSchema.safeParse({ one: documentOf(size, permission) })),
      refusal: /2048 bytes exceeded/,
    },
  };

  for (const [name, { least, most, document }] of Object.entries<Limit>(limits)) {
    const { ask, refusal, taken = /^ok$/ } = probes[name as keyof typeof limits];

    it(`${name}: takes ${most}, refuses ${most + 1} (${document})`, async () => {
      assert.match(await ask(most), taken);
      assert.match(await ask(most + 1), refusal);
    });

    if (least === 0) continue;
    it(`${name}: takes ${least}, refuses ${least - 1}`, async () => {
      assert.match(await ask(least), taken);
      assert.match(await ask(least - 1), refusal);
    });
  }

  it('session policies and tags share the space of one session policy', async () => {
    const space = limits.sessionPolicy.most;
    const filling = (size: number) => ({ Policy: JSON.stringify(documentOf(size, permission)) });
    assert.equal(await asAlice({ ...filling(space - 7), ...tag(1, 'key', 'four') }), 'ok');
    assert.equal(
      await asAlice({ ...filling(space - 6), ...tag(1, 'key', 'four') }),
      'PackedPolicyTooLarge: Packed size of session tags consumes 101% of allotted space.',
    );
    assert.equal(
      await federate({
        ...filling(space),
        'PolicyArns.member.1.arn': 'arn:aws:iam::aws:policy/AdministratorAccess',
      }),
      'PackedPolicyTooLarge: Packed size of session policies consumes 103% of allotted space.',
    );
  });

  it('come with the document they are from', () => {
    for (const { document } of Object.values<Limit>(limits))
      assert.match(document, /^https:\/\/docs\.aws\.amazon\.com\//);
  });
});
