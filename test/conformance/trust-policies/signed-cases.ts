/** Cases with signed calls: of users, and of sessions. */
import type { Asker, Case, Statement, UserName } from './case.ts';
import { home, hub, partner, providerArn, users } from './cast.ts';
import { addCondition, type Change, createDraft, type Draft, finish } from './draft.ts';
import type { Random } from './random.ts';

interface SignedDraft extends Draft {
  asker: Exclude<Asker, { kind: 'webIdentity' }>;
}

/** A user or a session that its role trusts, after some changes. */
export function signedCase(
  name: string,
  random: Random,
  changes: () => readonly Change<SignedDraft>[],
): Case {
  const asker = random.pick<SignedDraft['asker']>([
    { kind: 'user', name: 'alice' },
    { kind: 'user', name: 'alice' },
    { kind: 'user', name: 'bob' },
    { kind: 'user', name: 'carol' },
    { kind: 'user', name: 'dave' },
    { kind: 'session' },
  ]);
  const draft: SignedDraft = {
    ...createDraft(random, {
      Effect: 'Allow',
      Principal: { AWS: random.pick(principalsOf(asker)) },
      Action: ['sts:AssumeRole', 'sts:TagSession'],
    }),
    asker,
  };
  draft.notes.push(...changes().map((change) => change(draft)));
  return finish(name, draft, draft.asker);
}

const userArn = (user: UserName, written: string = user) =>
  `arn:aws:iam::${users[user].account}:user/${written}`;

/** Ways to name an asker. */
function principalsOf(asker: SignedDraft['asker']): readonly (string | string[])[] {
  const account = asker.kind === 'session' ? home : users[asker.name].account;
  const own = asker.kind === 'session' ? [hub.arn, hub.sessionArn] : [userArn(asker.name)];
  return [...own, account, `arn:aws:iam::${account}:root`, '*', [partner, ...own]];
}

export const signedChanges: readonly Change<SignedDraft>[] = [
  (draft) => {
    draft.parameters.ExternalId = draft.random.pick(['shared-secret', 'another']);
    return `external ID ${draft.parameters.ExternalId}, ${addCondition(draft.allow, 'StringEquals', 'sts:ExternalId', 'shared-secret')}`;
  },
  (draft) =>
    addCondition(
      draft.allow,
      draft.random.pick(['StringEquals', 'StringEqualsIfExists', 'StringNotEquals']),
      'sts:ExternalId',
      'shared-secret',
    ),
  (draft) => addCondition(draft.allow, 'Null', 'sts:ExternalId', draft.random.pick(['true', 'false'])),
  (draft) => {
    draft.parameters.RoleSessionName = draft.random.pick(['release-42', 'nightly']);
    return addCondition(draft.allow, 'StringLike', 'sts:RoleSessionName', 'release-*');
  },
  (draft) => {
    if (draft.asker.kind === 'session')
      return addCondition(draft.allow, 'StringEquals', 'aws:PrincipalAccount', home);
    const [operator, value] = draft.random.pick([
      ['ArnLike', `arn:aws:iam::${home}:user/*`],
      ['ArnEquals', userArn(draft.asker.name)],
      ['ArnNotLike', 'arn:aws:iam::*:user/a*'],
      ['StringLike', 'arn:aws:iam::*:user/?????'],
    ] as const);
    return addCondition(draft.allow, operator, 'aws:PrincipalArn', value);
  },
  (draft) =>
    addCondition(draft.allow, 'StringEquals', 'aws:PrincipalAccount', draft.random.pick([home, partner])),
  (draft) => {
    draft.parameters['Tags.member.1.Key'] = 'team';
    draft.parameters['Tags.member.1.Value'] = draft.random.pick(['shop', 'bank']);
    return draft.random.chance(0.5)
      ? 'tagged'
      : `tagged, ${addCondition(draft.allow, 'StringEquals', 'aws:RequestTag/team', 'shop')}`;
  },
  (draft) =>
    addCondition(
      draft.allow,
      'ForAllValues:StringEquals',
      'aws:TagKeys',
      draft.random.pick<string | string[]>(['team', ['stage', 'branch']]),
    ),
  (draft) => {
    draft.allow.Action = draft.random.pick<string | string[]>([
      'sts:AssumeRole',
      'sts:*',
      'sts:assumerole',
      'sts:AssumeRoleWithWebIdentity',
    ]);
    return `Action ${JSON.stringify(draft.allow.Action)}`;
  },
  (draft) => {
    draft.allow.Principal = draft.random.pick<Statement['Principal']>([
      '*',
      { AWS: [home, partner] },
      { AWS: userArn('bob') },
      { Federated: providerArn('vstoken') },
      { Service: 'ec2.amazonaws.com' },
    ]);
    return `Principal ${JSON.stringify(draft.allow.Principal)}`;
  },
  (draft) => {
    draft.others.push({
      Effect: 'Deny',
      Principal: { AWS: draft.random.pick([userArn('alice'), hub.arn, home, partner, '*']) },
      Action: 'sts:AssumeRole',
      ...(draft.random.chance(0.6)
        ? { Condition: { StringNotEquals: { 'sts:RoleSessionName': 'case' } } }
        : {}),
    });
    return 'Deny beside';
  },
  (draft) => {
    draft.rolePath = '/restricted/';
    draft.askedPath = '/restricted/';
    return 'restricted role';
  },
  (draft) => {
    draft.differences.add('wildcard in a principal');
    const own = draft.asker.kind === 'session' ? hub.sessionArn : userArn(draft.asker.name);
    draft.allow.Principal = { AWS: own.replace(/[^/]*$/, '*') };
    return 'wildcard in the principal';
  },
  (draft) => {
    draft.asker = { kind: 'user', name: 'alice' };
    draft.differences.add('case of a principal');
    draft.allow.Principal = { AWS: userArn('alice', 'ALICE') };
    return 'principal in upper case';
  },
  (draft) => {
    draft.asker = { kind: 'session' };
    draft.differences.add('duration of a chained session');
    draft.allow.Principal = { AWS: hub.arn };
    draft.parameters.DurationSeconds = '3601';
    return '3601 seconds, chained';
  },
];
