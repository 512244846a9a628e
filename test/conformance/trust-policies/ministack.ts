/** The cast on ministack's stage: it evaluates identity policies and trust policies, and checks signatures. */
import {
  type Credentials,
  credentialsOf,
  type Form,
  formOf,
  type StsAnswer,
  signedHeaders,
  textOf,
} from '../../sandbox/aws/sts-caller.ts';
import type { Ministack } from '../ministack.ts';
import type { Case, UserName } from './case.ts';
import { clientIds, home, hub, providers, users } from './cast.ts';

export interface MinistackStage {
  /** Creates the case's role and asks for it. Nothing is left of the role afterwards. */
  play(one: Case, token: string | undefined): Promise<StsAnswer>;
}

const region = 'us-east-1';

/** Puts accounts, providers, users and the hub into a ministack that was started for the account `home`. */
export async function createMinistackStage({ url, rootEnvironment }: Ministack): Promise<MinistackStage> {
  const stage: Stage = {
    url,
    // ministack's own convention: the root of any account has the account's number for its key.
    rootOf: (account) => ({
      accessKeyId: account,
      secretAccessKey: rootEnvironment.AWS_SECRET_ACCESS_KEY ?? '',
    }),
  };
  const askers = await setStage(stage);
  return { play: (one, token) => play(stage, one, token, askers) };
}

interface Stage {
  readonly url: string;
  readonly rootOf: (account: string) => Credentials;
}

async function post(
  stage: Stage,
  body: string,
  headers: Readonly<Record<string, string>>,
): Promise<StsAnswer> {
  const answer = await fetch(stage.url, { method: 'POST', body, headers });
  return { status: answer.status, headers: Object.fromEntries(answer.headers), body: await answer.text() };
}

async function signed(
  stage: Stage,
  service: 'iam' | 'sts',
  credentials: Credentials,
  action: string,
  parameters: Form,
): Promise<StsAnswer> {
  const version = service === 'iam' ? '2010-05-08' : '2011-06-15';
  const body = formOf(action, { ...parameters, Version: version });
  const { host: _, ...headers } = await signedHeaders(body, credentials, {
    host: new URL(stage.url).host,
    region,
    service,
  });
  return post(stage, body, headers);
}

/** A call that has to succeed. */
async function prepare(stage: Stage, account: string, action: string, parameters: Form): Promise<StsAnswer> {
  const answer = await signed(stage, 'iam', stage.rootOf(account), action, parameters);
  if (answer.status !== 200) throw new Error(`${action}: ${answer.status} ${answer.body}`);
  return answer;
}

type Askers = Readonly<Record<UserName | 'session', Credentials>>;

async function setStage(stage: Stage): Promise<Askers> {
  for (const url of [providers.vstoken, providers.entra]) {
    await prepare(stage, home, 'CreateOpenIDConnectProvider', {
      Url: url,
      ...Object.fromEntries(clientIds.map((id, index) => [`ClientIDList.member.${index + 1}`, id])),
    });
  }
  const keys = new Map<string, Credentials>();
  for (const [name, { account, policy }] of Object.entries(users)) {
    await prepare(stage, account, 'CreateUser', { UserName: name });
    if (policy !== undefined) {
      await prepare(stage, account, 'PutUserPolicy', {
        UserName: name,
        PolicyName: 'own',
        PolicyDocument: JSON.stringify(policy),
      });
    }
    const key = await prepare(stage, account, 'CreateAccessKey', { UserName: name });
    keys.set(name, {
      accessKeyId: textOf(key, 'AccessKeyId') ?? '',
      secretAccessKey: textOf(key, 'SecretAccessKey') ?? '',
    });
  }
  await prepare(stage, home, 'CreateRole', {
    RoleName: hub.name,
    AssumeRolePolicyDocument: JSON.stringify(hub.trustPolicy),
  });
  await prepare(stage, home, 'PutRolePolicy', {
    RoleName: hub.name,
    PolicyName: 'own',
    PolicyDocument: JSON.stringify(hub.policy),
  });
  const [alice, bob, carol, dave] = (['alice', 'bob', 'carol', 'dave'] as const).map((name) =>
    keys.get(name),
  );
  if (alice === undefined || bob === undefined || carol === undefined || dave === undefined)
    throw new Error('A user is missing');
  const session = credentialsOf(
    await signed(stage, 'sts', alice, 'AssumeRole', { RoleArn: hub.arn, RoleSessionName: hub.sessionName }),
  );
  return { alice, bob, carol, dave, session };
}

async function play(stage: Stage, one: Case, token: string | undefined, askers: Askers): Promise<StsAnswer> {
  const created = await signed(stage, 'iam', stage.rootOf(home), 'CreateRole', {
    RoleName: one.name,
    Path: one.rolePath,
    AssumeRolePolicyDocument: JSON.stringify(one.trustPolicy),
  });
  if (created.status !== 200) return created;
  const parameters = { RoleArn: one.roleArn, ...one.parameters };
  const answer =
    one.asker.kind === 'webIdentity'
      ? await post(
          stage,
          formOf('AssumeRoleWithWebIdentity', { ...parameters, WebIdentityToken: token ?? '' }),
          {
            'content-type': 'application/x-www-form-urlencoded',
          },
        )
      : await signed(
          stage,
          'sts',
          askers[one.asker.kind === 'session' ? 'session' : one.asker.name],
          'AssumeRole',
          parameters,
        );
  await prepare(stage, home, 'DeleteRole', { RoleName: one.name });
  return answer;
}
