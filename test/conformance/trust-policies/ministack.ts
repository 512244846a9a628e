/** ministack with AUTH=true, which evaluates IAM policies and trust policies, and checks signatures. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type Credentials,
  credentialsOf,
  type Form,
  formOf,
  type StsAnswer,
  signedHeaders,
  textOf,
} from '../../sandbox/aws/sts-caller.ts';
import type { Case, UserName } from './case.ts';
import { clientIds, home, hub, providers, users } from './cast.ts';

/** A ministack with the cast on its stage. */
export interface Ministack {
  /** Creates the case's role and asks for it. Nothing is left of the role afterwards. */
  play(one: Case, token: string | undefined): Promise<StsAnswer>;
  close(): Promise<void>;
}

const host = '127.0.0.1';
const region = 'us-east-1';
/** ministack's own convention: an account's root has the account's number for its key. */
const rootOf = (account: string): Credentials => ({ accessKeyId: account, secretAccessKey: 'test' });

export async function startMinistack(command: string): Promise<Ministack> {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'ministack-'));
  const process_ = spawn(command, [], {
    env: { PATH: process.env.PATH, HOME: folder, GATEWAY_PORT: String(port), BIND_HOST: host, AUTH: 'true' },
    cwd: folder,
    stdio: 'ignore',
  });
  try {
    await ready(process_, port);
    const askers = await setStage(port);
    return {
      play: (one, token) => play(port, one, token, askers),
      close: () => stop(process_, folder),
    };
  } catch (error) {
    await stop(process_, folder);
    throw error;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('No port');
  return address.port;
}

async function ready(child: ChildProcess, port: number): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`ministack ended with ${child.exitCode}`);
    const answer = await fetch(`http://${host}:${port}/_ministack/health`).catch(() => undefined);
    if (answer?.ok) return;
    await delay(200);
  }
  throw new Error('ministack did not answer within 30 seconds');
}

async function stop(child: ChildProcess, folder: string): Promise<void> {
  if (child.exitCode === null) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  await rm(folder, { recursive: true, force: true });
}

async function post(
  port: number,
  body: string,
  headers: Readonly<Record<string, string>>,
): Promise<StsAnswer> {
  const answer = await fetch(`http://${host}:${port}/`, { method: 'POST', body, headers });
  return { status: answer.status, headers: Object.fromEntries(answer.headers), body: await answer.text() };
}

async function signed(
  port: number,
  service: 'iam' | 'sts',
  credentials: Credentials,
  action: string,
  parameters: Form,
): Promise<StsAnswer> {
  const version = service === 'iam' ? '2010-05-08' : '2011-06-15';
  const body = formOf(action, { ...parameters, Version: version });
  const { host: _, ...headers } = await signedHeaders(body, credentials, {
    host: `${host}:${port}`,
    region,
    service,
  });
  return post(port, body, headers);
}

/** A call that has to succeed. */
async function prepare(port: number, account: string, action: string, parameters: Form): Promise<StsAnswer> {
  const answer = await signed(port, 'iam', rootOf(account), action, parameters);
  if (answer.status !== 200) throw new Error(`${action}: ${answer.status} ${answer.body}`);
  return answer;
}

type Askers = Readonly<Record<UserName | 'session', Credentials>>;

async function setStage(port: number): Promise<Askers> {
  for (const url of [providers.vstoken, providers.entra]) {
    await prepare(port, home, 'CreateOpenIDConnectProvider', {
      Url: url,
      ...Object.fromEntries(clientIds.map((id, index) => [`ClientIDList.member.${index + 1}`, id])),
    });
  }
  const keys = new Map<string, Credentials>();
  for (const [name, { account, policy }] of Object.entries(users)) {
    await prepare(port, account, 'CreateUser', { UserName: name });
    if (policy !== undefined) {
      await prepare(port, account, 'PutUserPolicy', {
        UserName: name,
        PolicyName: 'own',
        PolicyDocument: JSON.stringify(policy),
      });
    }
    const key = await prepare(port, account, 'CreateAccessKey', { UserName: name });
    keys.set(name, {
      accessKeyId: textOf(key, 'AccessKeyId') ?? '',
      secretAccessKey: textOf(key, 'SecretAccessKey') ?? '',
    });
  }
  await prepare(port, home, 'CreateRole', {
    RoleName: hub.name,
    AssumeRolePolicyDocument: JSON.stringify(hub.trustPolicy),
  });
  await prepare(port, home, 'PutRolePolicy', {
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
    await signed(port, 'sts', alice, 'AssumeRole', { RoleArn: hub.arn, RoleSessionName: hub.sessionName }),
  );
  return { alice, bob, carol, dave, session };
}

async function play(port: number, one: Case, token: string | undefined, askers: Askers): Promise<StsAnswer> {
  const created = await signed(port, 'iam', rootOf(home), 'CreateRole', {
    RoleName: one.name,
    Path: one.rolePath,
    AssumeRolePolicyDocument: JSON.stringify(one.trustPolicy),
  });
  if (created.status !== 200) return created;
  const parameters = { RoleArn: one.roleArn, ...one.parameters };
  const answer =
    one.asker.kind === 'webIdentity'
      ? await post(
          port,
          formOf('AssumeRoleWithWebIdentity', { ...parameters, WebIdentityToken: token ?? '' }),
          {
            'content-type': 'application/x-www-form-urlencoded',
          },
        )
      : await signed(
          port,
          'sts',
          askers[one.asker.kind === 'session' ? 'session' : one.asker.name],
          'AssumeRole',
          parameters,
        );
  await prepare(port, home, 'DeleteRole', { RoleName: one.name });
  return answer;
}
