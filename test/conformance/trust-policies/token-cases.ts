/** Cases with ID tokens. */
import type { Case, Statement } from './case.ts';
import { clientIds, home, type ProviderName, partner, providerArn, providerKey, providers } from './cast.ts';
import { addCondition, type Change, createDraft, type Draft, finish } from './draft.ts';
import type { Random } from './random.ts';

interface TokenDraft extends Draft {
  provider: ProviderName;
  readonly claims: Record<string, unknown>;
}

const subject = 'sc://contoso/shop/aws-production';
const [audience = '', authorizedParty = ''] = clientIds;

/** A token that its role trusts, after some changes. */
export function tokenCase(name: string, random: Random, changes: () => readonly Change<TokenDraft>[]): Case {
  const provider = random.pick<ProviderName>(['vstoken', 'vstoken', 'entra']);
  const now = Math.floor(Date.now() / 1000);
  const draft: TokenDraft = {
    ...createDraft(random, {
      Effect: 'Allow',
      Principal: { Federated: providerArn(provider) },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: { StringEquals: { [`${providerKey(provider)}:aud`]: audience } },
    }),
    provider,
    claims: { iss: providers[provider], sub: subject, aud: audience, iat: now - 30, exp: now + 300 },
  };
  if (random.chance(0.3)) draft.claims.amr = ['pwd', 'mfa'];
  draft.notes.push(...changes().map((change) => change(draft)));
  return finish(name, draft, { kind: 'webIdentity', claims: draft.claims });
}

const claim = ({ provider }: TokenDraft, name: string) => `${providerKey(provider)}:${name}`;

/** Changes after which the request is allowed as before. */
const harmless: readonly Change<TokenDraft>[] = [
  (draft) =>
    addCondition(draft.allow, 'StringEquals', claim(draft, 'sub'), [subject, 'sc://contoso/shop/other']),
  (draft) =>
    addCondition(
      draft.allow,
      'StringLike',
      claim(draft, 'sub'),
      draft.random.pick(['sc://contoso/*', '*', 'sc://contoso/sho?/aws-*', '*production', `${subject}*`]),
    ),
  (draft) => addCondition(draft.allow, 'StringEqualsIgnoreCase', claim(draft, 'sub'), subject.toUpperCase()),
  (draft) =>
    addCondition(draft.allow, 'StringNotEquals', claim(draft, 'sub'), [
      'sc://contoso/shop/other',
      subject.toUpperCase(),
    ]),
  (draft) =>
    addCondition(
      draft.allow,
      'StringNotLike',
      claim(draft, 'sub'),
      draft.random.pick(['sc://evil/*', 'SC://*', 'sc://contoso/shop/?']),
    ),
  (draft) => addCondition(draft.allow, 'StringEqualsIfExists', claim(draft, 'sub'), subject),
  (draft) => addCondition(draft.allow, 'ForAnyValue:StringLike', claim(draft, 'sub'), 'sc://contoso/*'),
  (draft) => addCondition(draft.allow, 'Null', claim(draft, 'sub'), 'false'),
  (draft) => addCondition(draft.allow, 'StringEquals', claim(draft, 'sub').toUpperCase(), subject),
  (draft) => addCondition(draft.allow, 'DateGreaterThan', 'aws:CurrentTime', '2020-01-01T00:00:00Z'),
  (draft) => addCondition(draft.allow, 'NumericGreaterThan', 'aws:EpochTime', '1500000000'),
  (draft) => addCondition(draft.allow, 'IpAddress', 'aws:SourceIp', ['10.0.0.0/8', '127.0.0.0/8']),
  (draft) => addCondition(draft.allow, 'StringEquals', 'aws:RequestedRegion', ['us-east-1', 'eu-west-1']),
  (draft) => {
    draft.allow.Action = draft.random.pick<string | string[]>([
      'sts:*',
      'sts:AssumeRole*',
      'STS:assumerolewithwebidentity',
      ['sts:AssumeRole', 'sts:AssumeRoleWithWebIdentity'],
    ]);
    return `Action ${JSON.stringify(draft.allow.Action)}`;
  },
  (draft) => {
    draft.allow.Principal = {
      Federated: [providerArn('entra'), providerArn('vstoken'), 'accounts.google.com'],
    };
    return 'several providers';
  },
  (draft) => {
    draft.others.push({
      Effect: 'Deny',
      Principal: { Federated: providerArn(draft.provider) },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: { StringNotLike: { [claim(draft, 'sub')]: 'sc://contoso/*' } },
    });
    return 'Deny for other subjects';
  },
  (draft) => {
    draft.others.push({ Effect: 'Deny', Principal: '*', Action: ['sts:AssumeRole', 'sts:TagSession'] });
    return 'Deny of other actions';
  },
  (draft) => {
    draft.version = draft.random.pick([undefined, '2008-10-17', '2012-10-17']);
    return `Version ${draft.version}`;
  },
  (draft) => {
    draft.allow.Principal = '*';
    return 'Principal *';
  },
  (draft) => {
    draft.rolePath = '/pipelines/';
    draft.askedPath = '/pipelines/';
    return 'role with a path';
  },
];

/** Conditions that hold or do not, depending on the token. */
const conditions: readonly Change<TokenDraft>[] = [
  (draft) => addCondition(draft.allow, 'StringEquals', claim(draft, 'sub'), subject.toUpperCase()),
  (draft) => addCondition(draft.allow, 'StringEquals', claim(draft, 'sub'), 'sc://contoso/*'),
  (draft) =>
    addCondition(
      draft.allow,
      'StringLike',
      claim(draft, 'sub'),
      draft.random.pick(['sc://evil/*', 'sc://contoso/?', 'SC://*', 'contoso']),
    ),
  (draft) => addCondition(draft.allow, 'StringNotEquals', claim(draft, 'sub'), [subject, 'sc://evil']),
  (draft) => addCondition(draft.allow, 'StringNotLike', claim(draft, 'sub'), 'sc://contoso/*'),
  (draft) =>
    addCondition(draft.allow, 'StringNotEqualsIgnoreCase', claim(draft, 'sub'), subject.toUpperCase()),
  (draft) =>
    addCondition(
      draft.allow,
      'StringEquals',
      claim(draft, 'aud'),
      draft.random.pick(['sts.amazonaws.com', audience.toLowerCase(), audience]),
    ),
  (draft) =>
    addCondition(
      draft.allow,
      draft.random.pick(['ForAnyValue:StringEquals', 'ForAllValues:StringEquals']),
      claim(draft, 'amr'),
      draft.random.pick<string | string[]>(['mfa', ['mfa', 'pwd'], 'fido']),
    ),
  (draft) =>
    addCondition(
      draft.allow,
      draft.random.pick(['ForAnyValue:StringNotEquals', 'ForAllValues:StringNotLike']),
      claim(draft, 'amr'),
      draft.random.pick<string | string[]>(['mfa', ['mfa', 'pwd'], 'fi*']),
    ),
  (draft) =>
    addCondition(
      draft.allow,
      'ForAnyValue:StringLikeIfExists',
      claim(draft, 'amr'),
      draft.random.pick(['m*', 'x*']),
    ),
  (draft) =>
    addCondition(
      draft.allow,
      'Null',
      claim(draft, draft.random.pick(['amr', 'sub'])),
      draft.random.pick(['true', 'false']),
    ),
  (draft) => {
    const other = draft.provider === 'vstoken' ? 'entra' : 'vstoken';
    const operator = draft.random.pick([
      'StringEquals',
      'StringNotEquals',
      'StringLikeIfExists',
      'ForAllValues:StringEquals',
      'ForAnyValue:StringEquals',
    ]);
    return `other provider's ${addCondition(draft.allow, operator, `${providerKey(other)}:sub`, subject)}`;
  },
  (draft) =>
    addCondition(
      draft.allow,
      draft.random.pick(['DateLessThan', 'DateGreaterThanEquals']),
      'aws:CurrentTime',
      '2021-07-01',
    ),
  (draft) =>
    addCondition(
      draft.allow,
      draft.random.pick(['NotIpAddress', 'IpAddress']),
      'aws:SourceIp',
      draft.random.pick(['127.0.0.1', '203.0.113.0/24']),
    ),
  (draft) => addCondition(draft.allow, 'StringEquals', 'sts:ExternalId', 'shared-secret'),
  (draft) => {
    draft.claims.amr = ['pwd', 'mfa'];
    draft.differences.add('multivalued key without qualifier');
    return addCondition(
      draft.allow,
      draft.random.pick(['StringNotEquals', 'StringNotLike']),
      claim(draft, 'amr'),
      'fido',
    );
  },
  (draft) => {
    draft.claims.amr = [''];
    draft.differences.add('empty value with a qualifier');
    return addCondition(draft.allow, 'ForAllValues:StringNotEquals', claim(draft, 'amr'), 'pwd');
  },
  (draft) => {
    draft.differences.add('policy variable');
    return addCondition(draft.allow, 'StringNotEquals', claim(draft, 'sub'), `\${${claim(draft, 'sub')}}`);
  },
  (draft) => {
    draft.differences.add('keys of a principal that is not one yet');
    return draft.random.chance(0.5)
      ? addCondition(draft.allow, 'StringNotEquals', 'aws:PrincipalOrgID', 'o-a1b2c3d4e5')
      : addCondition(draft.allow, 'StringEquals', 'aws:PrincipalAccount', home);
  },
  (draft) => {
    draft.differences.add('other claims of a token');
    return addCondition(
      draft.allow,
      'StringNotEquals',
      claim(draft, draft.random.pick(['email', 'oaud'])),
      'somebody',
    );
  },
  (draft) => {
    draft.differences.add('operator spelling');
    return addCondition(
      draft.allow,
      draft.random.pick(['stringequals', 'STRINGLIKE']),
      claim(draft, 'sub'),
      subject,
    );
  },
  (draft) => {
    draft.differences.add('key in two spellings');
    addCondition(draft.allow, 'StringLike', claim(draft, 'sub'), subject);
    draft.allow.Condition = {
      ...draft.allow.Condition,
      StringLike: { ...draft.allow.Condition?.StringLike, [claim(draft, 'SUB')]: subject },
    };
    return 'a key in two spellings';
  },
  (draft) => {
    draft.differences.add('key that does not exist');
    return addCondition(
      draft.allow,
      'StringNotEquals',
      draft.random.pick(['aws:PrincipleArn', 'sts:ExternalID2']),
      'x',
    );
  },
];

/** Changes of the statement and of those beside it. */
const statements: readonly Change<TokenDraft>[] = [
  (draft) => {
    draft.allow.Principal = draft.random.pick<Statement['Principal']>([
      { Federated: providerArn(draft.provider === 'vstoken' ? 'entra' : 'vstoken') },
      { Federated: providerArn(draft.provider, partner) },
      { Federated: providerKey(draft.provider).split('/')[0] ?? '' },
      { AWS: home },
      { AWS: '*' },
      { Service: 'ecs-tasks.amazonaws.com' },
    ]);
    return `Principal ${JSON.stringify(draft.allow.Principal)}`;
  },
  (draft) => {
    draft.allow.Action = draft.random.pick(['sts:AssumeRole', 'sts:AssumeRoleWithSAML', 'sts:TagSession']);
    return `Action ${draft.allow.Action}`;
  },
  (draft) => {
    delete draft.allow.Action;
    draft.allow.NotAction = draft.random.pick(['sts:AssumeRole', 'sts:AssumeRole*', 'sts:TagSession']);
    return `NotAction ${draft.allow.NotAction}`;
  },
  (draft) => {
    draft.others.push({
      Effect: 'Deny',
      Principal: draft.random.pick<Statement['Principal']>(['*', { Federated: providerArn(draft.provider) }]),
      Action: 'sts:*',
      Condition: { StringEquals: { [claim(draft, 'sub')]: draft.random.pick([subject, 'sc://evil']) } },
    });
    return 'Deny by subject';
  },
  (draft) => {
    draft.others.push({
      Effect: 'Deny',
      Principal: { Federated: providerArn(draft.random.pick<ProviderName>(['vstoken', 'entra'])) },
      Action: 'sts:AssumeRoleWithWebIdentity',
    });
    return 'Deny by provider';
  },
  (draft) => {
    draft.differences.add('Deny for every AWS principal');
    draft.others.push({ Effect: 'Deny', Principal: { AWS: '*' }, Action: 'sts:*' });
    return 'Deny for AWS *';
  },
  (draft) => {
    draft.differences.add('action of another service');
    delete draft.allow.NotAction;
    draft.allow.Action = draft.random.pick<string | string[]>([
      '*',
      ['sts:AssumeRoleWithWebIdentity', 's3:GetObject'],
    ]);
    return `Action ${JSON.stringify(draft.allow.Action)}`;
  },
];

/** Changes of the token and of the call. */
const requests: readonly Change<TokenDraft>[] = [
  (draft) => {
    draft.differences.add('token expired');
    draft.claims.exp = Number(draft.claims.iat) + 10;
    return 'expired token';
  },
  (draft) => {
    draft.differences.add('token not yet valid');
    draft.claims.nbf = Number(draft.claims.iat) + 200;
    return 'token of the future';
  },
  (draft) => {
    draft.differences.add('audience is no client ID of the provider');
    draft.claims.aud = 'sts.amazonaws.com';
    draft.allow.Condition = { StringEquals: { [claim(draft, 'aud')]: 'sts.amazonaws.com' } };
    return 'audience that the provider does not have';
  },
  (draft) => {
    draft.differences.add('provider not registered');
    draft.provider = 'unregistered';
    draft.claims.iss = providers.unregistered;
    draft.allow.Principal = { Federated: providerArn('unregistered') };
    draft.allow.Condition = { StringEquals: { [claim(draft, 'aud')]: audience } };
    return 'provider that is not registered';
  },
  (draft) => {
    draft.differences.add('issuer with a trailing slash');
    draft.claims.iss = `${providers[draft.provider]}/`;
    return 'issuer with a slash at its end';
  },
  (draft) => {
    // The provider knows the party, the policy names the audience: IAM compares the party.
    draft.differences.add('authorized party');
    draft.claims.azp = authorizedParty;
    draft.allow.Condition = { StringEquals: { [claim(draft, 'aud')]: audience } };
    return 'token with an authorized party';
  },
  (draft) => {
    draft.differences.add('token without subject');
    delete draft.claims.sub;
    return 'token without subject';
  },
  (draft) => {
    draft.differences.add('role session name');
    draft.parameters.RoleSessionName = draft.random.pick([
      'has space',
      'x',
      'é'.repeat(3),
      'y'.repeat(65),
      'a/b',
    ]);
    return `session name ${draft.parameters.RoleSessionName}`;
  },
  (draft) => {
    draft.differences.add('duration');
    draft.parameters.DurationSeconds = draft.random.pick(['899', '43201', '3601']);
    return `${draft.parameters.DurationSeconds} seconds`;
  },
  (draft) => {
    draft.differences.add('parameter of another call');
    Object.assign(
      draft.parameters,
      draft.random.pick([
        { 'Tags.member.1.Key': 'team', 'Tags.member.1.Value': 'shop' },
        { ExternalId: 'shared' },
      ]),
    );
    return 'parameters of AssumeRole';
  },
  (draft) => {
    draft.differences.add('role path');
    draft.rolePath = '/pipelines/';
    draft.askedPath = draft.random.pick(['/', '/other/']);
    return 'wrong path in the ARN';
  },
];

export const tokenChanges: readonly Change<TokenDraft>[] = [
  ...harmless,
  ...conditions,
  ...statements,
  ...requests,
];
/** With more of what leaves a case allowed, so that enough cases stay so. */
export const tokenMixture: readonly Change<TokenDraft>[] = [...harmless, ...tokenChanges];
