// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables look like JavaScript's
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import type { RoleArn } from '../../../lib/aws/index.ts';
import type { IdTokenClaims } from '../../../lib/identity/tokens/id-token.ts';
import {
  addClientIdCommand,
  allowAssumeCommand,
  chainTrustPolicyFor,
  createProviderCommand,
  providerArn,
  trustPolicyFor,
  updateTrustPolicyCommand,
} from '../../../lib/identity/trust-policy.ts';
import { evaluateTrustPolicy } from '../../../sandbox/aws/iam/evaluate.ts';
import { readTrustPolicy } from '../../../sandbox/aws/iam/policy-document.ts';
import { requestContext } from '../../../sandbox/aws/iam/request-context.ts';
import { claims, organisation, roleNamed } from './samples.ts';

const role = roleNamed('deployer');

/** The words that a POSIX shell makes of a command, as `aws` would get them. */
function wordsOf(command: string): string[] {
  const script = `aws() { printf '%s\\0' aws "$@"; }\n${command}`;
  const output = execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8', env: { PATH: '/nowhere' } });
  return output.split('\0').slice(0, -1);
}

describe('the trust policy for an ID token', () => {
  it('of the older issuer trusts exactly its connection', () => {
    const provider = `vstoken.dev.azure.com/${organisation}`;
    assert.deepEqual(JSON.parse(trustPolicyFor(role, claims.vstoken)), {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Federated: `arn:aws:iam::111122223333:oidc-provider/${provider}` },
          Action: 'sts:AssumeRoleWithWebIdentity',
          Condition: {
            StringEquals: {
              [`${provider}:aud`]: 'api://AzureADTokenExchange',
              [`${provider}:sub`]: 'sc://contoso/shop/aws-production',
            },
          },
        },
      ],
    });
  });

  it('of Entra compares the azp, as IAM does', () => {
    const [statement] = JSON.parse(trustPolicyFor(role, claims.entra)).Statement;
    const provider = claims.entra.issuer.replace('https://', '');
    assert.deepEqual(statement.Condition.StringEquals, {
      [`${provider}:aud`]: '499b84ac-1321-427f-aa17-267ca6975798',
      [`${provider}:sub`]: claims.entra.subject,
    });
  });

  it('is written for the partition of the role', () => {
    const china = roleNamed('deployer', '111122223333', 'aws-cn');
    assert.match(trustPolicyFor(china, claims.vstoken), /"arn:aws-cn:iam::111122223333:oidc-provider\//);
  });

  it("keeps the slash that ends an issuer's address", () => {
    assert.equal(
      providerArn(role, 'https://sts.windows.net/0b1f2c3d/'),
      'arn:aws:iam::111122223333:oidc-provider/sts.windows.net/0b1f2c3d/',
    );
  });

  it('takes a subject literally that looks like a policy variable', () => {
    const subject = 'sc://contoso/${aws:username}/x';
    const policy = JSON.parse(trustPolicyFor(role, { ...claims.vstoken, subject }));
    const condition = policy.Statement[0].Condition.StringEquals;
    assert.equal(condition[`vstoken.dev.azure.com/${organisation}:sub`], 'sc://contoso/${$}{aws:username}/x');
  });

  it('lets the bearer of the token in, and nobody whose claims differ', () => {
    const decide = (written: IdTokenClaims, subject: string, audience: string) => {
      const name = written.issuer.replace('https://', '');
      const policy = readTrustPolicy(JSON.parse(trustPolicyFor(role, written)));
      return evaluateTrustPolicy(
        policy,
        { kind: 'webIdentity', account: role.accountId, arn: providerArn(role, written.issuer) },
        {
          action: 'sts:AssumeRoleWithWebIdentity',
          resource: role.arn,
          context: requestContext(
            [
              [`${name}:sub`, subject],
              [`${name}:aud`, audience],
            ],
            () => true,
          ),
        },
      );
    };
    const piece = fc.constantFrom(
      '*',
      '?',
      '${',
      '}',
      '$',
      '${*}',
      '${aws:username}',
      '"',
      '\\',
      'a',
      '/',
      'é',
    );
    const text = fc.array(piece, { minLength: 1, maxLength: 8 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(text, text, text, (subject, audience, other) => {
        const written = { ...claims.vstoken, subject, audience };
        assert.equal(decide(written, subject, audience), 'allow');
        if (other !== subject) assert.equal(decide(written, other, audience), 'none');
        if (other !== audience) assert.equal(decide(written, subject, other), 'none');
      }),
      { numRuns: 300 },
    );
  });
});

describe('the trust policy of a chained role', () => {
  const next = roleNamed('publisher', '444455556666');
  const decide = (externalId: string | undefined, sent: string | undefined) =>
    evaluateTrustPolicy(
      readTrustPolicy(JSON.parse(chainTrustPolicyFor(role.arn, externalId, false))),
      {
        kind: 'session',
        account: role.accountId,
        arn: 'arn:aws:sts::111122223333:assumed-role/deployer/shop',
        roleArn: role.arn,
      },
      {
        action: 'sts:AssumeRole',
        resource: next.arn,
        context: requestContext([['sts:ExternalId', sent]], () => true),
      },
    );

  it('trusts the role before it', () => assert.equal(decide(undefined, undefined), 'allow'));
  it('wants the external id where there is one', () => {
    assert.equal(decide('shop:42', 'shop:42'), 'allow');
    assert.equal(decide('shop:42', 'shop:43'), 'none');
    assert.equal(decide('shop:42', undefined), 'none');
  });
});

describe('the trust policy of a role that takes session tags', () => {
  const next = roleNamed('publisher', '444455556666');
  const decide = (tagged: boolean, action: string) =>
    evaluateTrustPolicy(
      readTrustPolicy(JSON.parse(chainTrustPolicyFor(role.arn, undefined, tagged))),
      {
        kind: 'session',
        account: role.accountId,
        arn: 'arn:aws:sts::111122223333:assumed-role/deployer/shop',
        roleArn: role.arn,
      },
      { action, resource: next.arn, context: requestContext([], () => true) },
    );

  it('allows sts:TagSession, and only then', () => {
    assert.equal(decide(true, 'sts:TagSession'), 'allow');
    assert.equal(decide(true, 'sts:AssumeRole'), 'allow');
    assert.equal(decide(false, 'sts:TagSession'), 'none');
  });
});

describe('a command to paste', () => {
  const next: RoleArn = {
    ...roleNamed('publisher', '444455556666'),
    arn: "arn:aws:iam::444455556666:role/o'brien/$(touch${IFS}evil);`id`/publisher",
  };
  const hostile: IdTokenClaims = {
    ...claims.vstoken,
    issuer: "https://evil.example/';touch evil;'",
    subject: "sc://contoso/shop/';$(id)'`id`\"",
    audience: "api://x'$HOME",
  };

  it('sets the trust policy', () => {
    const policy = trustPolicyFor(role, hostile);
    assert.deepEqual(wordsOf(updateTrustPolicyCommand(role, policy)), [
      ...['aws', 'iam', 'update-assume-role-policy', '--role-name', 'deployer'],
      ...['--policy-document', policy],
    ]);
  });

  it('sets it as well with the blanks that a log puts before each line', () => {
    const policy = trustPolicyFor(role, claims.vstoken);
    const words = wordsOf(updateTrustPolicyCommand(role, policy).replace(/^/gm, '  '));
    assert.deepEqual(JSON.parse(words.at(-1) ?? ''), JSON.parse(policy));
  });

  it('creates the provider', () => {
    assert.deepEqual(wordsOf(createProviderCommand(hostile)), [
      ...['aws', 'iam', 'create-open-id-connect-provider', '--url', hostile.issuer],
      ...['--client-id-list', hostile.audience],
    ]);
    assert.equal(
      createProviderCommand(claims.vstoken),
      `aws iam create-open-id-connect-provider --url https://vstoken.dev.azure.com/${organisation} --client-id-list api://AzureADTokenExchange`,
    );
  });

  it("adds an audience to the provider's client ids", () => {
    assert.deepEqual(wordsOf(addClientIdCommand(role, hostile)), [
      ...['aws', 'iam', 'add-client-id-to-open-id-connect-provider', '--open-id-connect-provider-arn'],
      ...[providerArn(role, hostile.issuer), '--client-id', hostile.audience],
    ]);
  });

  it('lets a role assume the next one', () => {
    const words = wordsOf(allowAssumeCommand(role, next, false));
    assert.deepEqual(words.slice(0, -1), [
      ...['aws', 'iam', 'put-role-policy', '--role-name', 'deployer'],
      ...['--policy-name', 'assume-publisher', '--policy-document'],
    ]);
    assert.deepEqual(JSON.parse(words.at(-1) ?? '').Statement, [
      { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: next.arn },
    ]);
  });
});
