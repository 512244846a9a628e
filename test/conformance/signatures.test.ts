/** The sandbox's checks of Signature Version 4, on signatures that AWS's own SDKs made. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { machineVariables } from '../../sandbox/agent/index.ts';
import type { RecordedRequest, Sandbox } from '../../sandbox/sandbox.ts';
import { type Peer, recipes } from '../../scripts/peers/peer.ts';
import { awsCli, botocore, goSdk } from '../../scripts/peers/peers.ts';
import { ask } from '../sandbox/proxied-client.ts';
import { describeWith, programOf } from './describe-with.ts';
import { account, startConformanceSandbox } from './federated-job.ts';
import { replay, type SeenRequest, seen } from './replay.ts';

const python = (script: string) => [join(recipes, 'botocore', script)];

const signers: readonly { readonly peer: Peer; readonly args: readonly string[] }[] = [
  { peer: awsCli, args: ['sts', 'get-caller-identity', '--query', 'Arn', '--output', 'text'] },
  { peer: botocore, args: python('caller_identity.py') },
  { peer: goSdk, args: [] },
];

/** What somebody between the two might do to it. */
const tamperings: Readonly<Record<string, (request: SeenRequest) => void>> = {
  'another signature': ({ headers }) => {
    headers.authorization = (headers.authorization ?? '').replace(/.$/, (last) => (last === '0' ? '1' : '0'));
  },
  'another body': (request) => {
    request.body = request.body.split('&').reverse().join('&');
  },
  'another time': ({ headers }) => {
    headers['x-amz-date'] = (headers['x-amz-date'] ?? '').replace(/\d\dZ$/, (end) =>
      end === '00Z' ? '01Z' : '00Z',
    );
  },
  'another host': (request) => {
    request.host = 'sts.eu-central-1.amazonaws.com';
  },
};

let sandbox: Sandbox;

/** Runs a program as the user whose key the world has. */
async function runAsUser(peer: Peer, args: readonly string[]): Promise<string> {
  const key = sandbox.world.accounts[account]?.users['build-admin'];
  assert.ok(key);
  const { stdout } = await promisify(execFile)(programOf(peer), args, {
    env: {
      ...machineVariables(sandbox),
      PATH: process.env.PATH,
      HOME: join(recipes, 'nobody'),
      AWS_REGION: 'eu-west-1',
      AWS_DEFAULT_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: key.accessKeyId,
      AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
    },
  });
  return stdout.trim();
}

const userArn = `arn:aws:iam::${account}:user/build-admin`;

for (const { peer, args } of signers) {
  describeWith([peer], `Signatures of ${peer.name}`, () => {
    let signed: RecordedRequest;

    before(async () => {
      sandbox = await startConformanceSandbox();
    });
    after(() => sandbox?.close());

    it('are accepted', async () => {
      assert.equal(await runAsUser(peer, args), userArn);
      const [request, ...others] = sandbox.requests;
      assert.ok(request);
      assert.equal(others.length, 0);
      assert.equal(request.status, 200);
      signed = request;
    });

    it('are accepted again as they were sent', async () => {
      const answer = await replay(sandbox, seen(signed));
      assert.equal(answer.status, 200, answer.text);
    });

    for (const [title, tamper] of Object.entries(tamperings)) {
      it(`are refused with ${title}`, async () => {
        const request = seen(signed);
        const before = JSON.stringify(request);
        tamper(request);
        assert.notEqual(JSON.stringify(request), before);
        const answer = await replay(sandbox, request);
        assert.equal(answer.status, 403, answer.text);
        assert.match(answer.text, /<Code>SignatureDoesNotMatch<\/Code>/);
      });
    }
  });
}

describeWith([botocore], 'URLs presigned by botocore', () => {
  let url: string;

  before(async () => {
    sandbox = await startConformanceSandbox();
    url = await runAsUser(botocore, python('presigned_url.py'));
  });
  after(() => sandbox?.close());

  it('are accepted', async () => {
    const answer = await ask(sandbox, url);
    assert.equal(answer.status, 200, answer.text);
    assert.ok(answer.text.includes(`<Arn>${userArn}</Arn>`), answer.text);
  });

  it('are refused with a longer life', async () => {
    const longer = url.replace('X-Amz-Expires=60', 'X-Amz-Expires=61');
    assert.notEqual(longer, url);
    const answer = await ask(sandbox, longer);
    assert.equal(answer.status, 403, answer.text);
    assert.match(answer.text, /<Code>SignatureDoesNotMatch<\/Code>/);
  });
});
