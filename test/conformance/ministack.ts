import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import * as peers from '../../scripts/peers/peers.ts';
import { programOf } from './describe-with.ts';

/** A running ministack: STS and IAM of one account, trust policies and identity policies enforced. */
export interface Ministack {
  readonly url: string;
  /** Runs the AWS CLI as the account's root, with nothing but this environment: `aws('iam', 'list-roles')`. */
  aws(...words: string[]): Promise<string>;
  /** The environment in which the AWS CLI is the account's root. */
  readonly rootEnvironment: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** Starts ministack on a free port; its files lie in a folder of its own until it is closed. */
export async function startMinistack(account: string): Promise<Ministack> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const folder = await mkdtemp(join(tmpdir(), 'ministack-'));
  const rootEnvironment = {
    PATH: process.env.PATH ?? '',
    HOME: folder,
    TMPDIR: folder,
    AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7MINIROOT',
    AWS_SECRET_ACCESS_KEY: randomBytes(30).toString('base64'),
    AWS_DEFAULT_REGION: 'eu-west-1',
    AWS_ENDPOINT_URL: url,
  };
  const server = spawn(programOf(peers.ministack), [], {
    cwd: folder,
    env: {
      ...rootEnvironment,
      ...{ GATEWAY_PORT: String(port), BIND_HOST: '127.0.0.1', MINISTACK_ACCOUNT_ID: account },
      ...{ AUTH: 'true', SERVICES: 'sts,iam' },
    },
    stdio: 'ignore',
  });
  const close = async () => {
    if (server.exitCode === null && server.kill()) await once(server, 'exit');
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await answers(server, url);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    url,
    rootEnvironment,
    async aws(...words) {
      const { stdout } = await promisify(execFile)(programOf(peers.awsCli), words, { env: rootEnvironment });
      return stdout;
    },
    close,
  };
}

async function answers(server: ChildProcess, url: string): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline) {
    if (server.exitCode !== null) throw new Error(`ministack ended with exit code ${server.exitCode}`);
    const health = await fetch(`${url}/_ministack/health`).catch(() => undefined);
    if (health?.ok) return;
    await sleep(100);
  }
  throw new Error('ministack did not answer within 30 s');
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  if (address === null || typeof address === 'string') throw new Error('there is no free port');
  return address.port;
}
