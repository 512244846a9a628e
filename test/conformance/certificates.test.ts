/** The sandbox's proxy and certificates, before clients that nobody of this project wrote. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { machineVariables } from '../../sandbox/agent/index.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import type { World } from '../../sandbox/world.ts';
import type { Peer } from '../../scripts/peers/peer.ts';
import { curl, openssl } from '../../scripts/peers/peers.ts';
import { describeWith, programOf } from './describe-with.ts';
import { startConformanceSandbox } from './federated-job.ts';

const sts = 'sts.eu-west-1.amazonaws.com';
const vstoken = 'vstoken.dev.azure.com';
const hosts = [sts, vstoken, 'sts.amazonaws.com', 'dev.azure.com', 'login.microsoftonline.com'];

interface Finished {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program with nothing in its environment but this. */
async function run(
  peer: Peer,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Finished> {
  const child = spawn(programOf(peer), args, {
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [exitCode, stdout, stderr] = await Promise.all([
    new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve(code ?? -1));
    }),
    text(child.stdout),
    text(child.stderr),
  ]);
  return { exitCode, stdout, stderr };
}

let sandbox: Sandbox;

describeWith([openssl], 'OpenSSL', () => {
  before(async () => {
    sandbox = await startConformanceSandbox();
  });
  after(() => sandbox?.close());

  /** Shakes hands through the proxy and checks the chain as strictly as RFC 5280 has it. */
  const handshake = (host: string, expected = host, trust = ['-CAfile', sandbox.caFile]) =>
    run(openssl, [
      ...['s_client', '-proxy', new URL(sandbox.proxyUrl).host, '-connect', `${host}:443`],
      ...['-servername', host, '-verify_hostname', expected, '-x509_strict', '-verify_return_error'],
      ...trust,
    ]);

  for (const host of hosts) {
    it(`trusts the chain of ${host}`, async () => {
      const { exitCode, stdout, stderr } = await handshake(host);
      assert.equal(exitCode, 0, stderr);
      assert.match(stdout, /Verify return code: 0 \(ok\)/);
    });
  }

  it('does not take one host for another', async () => {
    const { exitCode, stderr } = await handshake(sts, vstoken);
    assert.equal(exitCode, 1);
    assert.match(stderr, /[Hh]ostname mismatch/);
  });

  it('does not trust the chain by the authorities of the machine', async () => {
    const { exitCode, stderr } = await handshake(sts, sts, []);
    assert.equal(exitCode, 1);
    assert.match(stderr, /unable to get local issuer certificate/);
  });

  it('does not trust the certificate that a fault puts in its place', async () => {
    sandbox.addFault({ host: sts, untrustedCertificate: true, times: 1 });
    const { exitCode, stderr } = await handshake(sts);
    assert.equal(exitCode, 1);
    assert.match(stderr, /certificate verify failed/);
  });
});

describeWith([curl], 'curl', () => {
  const start = async (change?: (world: World) => void) => {
    sandbox = await startConformanceSandbox(change);
  };
  afterEach(() => sandbox?.close());

  /** Asks as a script step on a company's machine does: proxy and authority are in the environment. */
  const ask = (url: string, args: readonly string[] = [], environment = machineVariables(sandbox)) =>
    run(curl, ['--silent', '--show-error', ...args, url], environment);

  it('reads the documents of an issuer through the proxy', async () => {
    await start();
    const issuer = `https://${vstoken}/${sandbox.world.organization.id}`;
    const configuration = JSON.parse((await ask(`${issuer}/.well-known/openid-configuration`)).stdout);
    assert.equal(configuration.issuer, issuer);
    const { keys } = JSON.parse((await ask(configuration.jwks_uri)).stdout);
    assert.ok(keys.length > 0);
  });

  it('hears from STS that its request is not signed', async () => {
    await start();
    const url = `https://${sts}/?Action=GetCallerIdentity&Version=2011-06-15`;
    const { stdout } = await ask(url, ['--write-out', '%{http_code}']);
    assert.match(stdout, /<Code>MissingAuthenticationToken<\/Code>.*403$/s);
  });

  it('does not trust the sandbox without its authority', async () => {
    await start();
    const { HTTPS_PROXY = '' } = machineVariables(sandbox);
    const { exitCode } = await ask(`https://${sts}/`, [], { HTTPS_PROXY });
    assert.equal(exitCode, 60, 'CURLE_PEER_FAILED_VERIFICATION');
  });

  it('is not let through to a host of the real internet', async () => {
    await start();
    const { exitCode, stderr } = await ask('https://example.com/');
    assert.equal(exitCode, 56, 'CURLE_RECV_ERROR: the tunnel was refused');
    assert.match(stderr, /CONNECT tunnel failed/);
  });

  it('has to name itself to a proxy that asks for it', async () => {
    await start(({ machine }) => {
      machine.proxyUser = 'agent';
      machine.proxyPassword = 'p@ss:word';
    });
    const url = `https://${vstoken}/${sandbox.world.organization.id}/.well-known/openid-configuration`;
    const named = await ask(url);
    assert.equal(named.exitCode, 0, named.stderr);
    const unnamed = await ask(url, ['--proxy', sandbox.proxyUrl]);
    assert.match(unnamed.stderr, /CONNECT tunnel failed, response 407/);
  });
});
