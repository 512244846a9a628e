/** The real AWS CLI in later steps, for longer than a session lives. */
import assert from 'node:assert/strict';
import type { RecordedRequest, Sandbox } from '../../sandbox/sandbox.ts';
import type { World } from '../../sandbox/world.ts';
import { awsCli } from '../../scripts/peers/peers.ts';
import { describeOnNodes } from './describe-on-nodes.ts';
import { programOf } from './describe-with.ts';
import { account, logOf, role, runFederatedJob, startConformanceSandbox } from './federated-job.ts';
import { replay, seen } from './replay.ts';

const sessionArn = new RegExp(`^arn:aws:sts::${account}:assumed-role/${role}/`);

describeOnNodes([awsCli], 'The AWS CLI after AwsFederate', ({ program }) => {
  let sandbox: Sandbox;

  const start = async (sessionLifetime: number) => {
    sandbox = await startConformanceSandbox((world) => {
      deployer(world).sessionLifetime = sessionLifetime;
    });
  };
  afterEach(() => sandbox.close());

  const asked = (operation: string) => sandbox.requests.filter((request) => request.operation === operation);
  const run = (script: string, onLine?: (line: string) => void) =>
    runFederatedJob({
      sandbox,
      node: program(),
      environment: { AWS_CLI: programOf(awsCli) },
      script,
      ...(onLine && { onLine }),
    });

  it('works through more than three lives of a session, with one AssumeRoleWithWebIdentity for each', async () => {
    const life = 12;
    await start(life);
    const { record, script } = await run(`
      set -e
      until [ $SECONDS -ge ${life * 2.75} ]; do
        "$AWS_CLI" sts get-caller-identity --query Arn --output text
      done
    `);
    assert.equal(record.result, 'Succeeded', logOf(script));

    const sessions = asked('AssumeRoleWithWebIdentity');
    const calls = asked('GetCallerIdentity');
    assert.deepEqual([...new Set(sessions.map(({ status }) => status))], [200]);
    assert.deepEqual([...new Set(calls.map(({ status }) => status))], [200]);
    assert.equal(new Set(calls.map(accessKeyOf)).size, sessions.length, 'no session was made and not used');
    assert.equal(asked('oidctoken').length, sessions.length);

    // A life is over at its end, in whole seconds; it is followed by another one already after two thirds.
    const lived = sessions.filter((session) => secondsFrom(session, calls.at(-1)) > life + 1);
    assert.ok(lived.length >= 3, `${lived.length} of ${sessions.length} sessions are over`);
    for (const [index, session] of sessions.slice(1).entries()) {
      const age = secondsFrom(sessions[index], session);
      assert.ok(age >= (life * 2) / 3 - 0.1 && age < life + 1, `renewed after ${age} s`);
    }

    const [first] = calls;
    assert.ok(first);
    const answer = await replay(sandbox, seen(first));
    assert.match(answer.text, /<Code>ExpiredToken<\/Code>/, 'the end of a session is its end');
  });

  it('makes one AssumeRoleWithWebIdentity when twenty processes find the session over at once', async () => {
    const life = 5;
    await start(life);
    const { record, script } = await run(
      `
      echo waiting for the end of the session
      sleep ${life + 2}
      for process in $(seq 20); do
        "$AWS_CLI" sts get-caller-identity --query Arn --output text &
      done
      wait
      `,
      (line) => {
        // Twenty processes keep two cores busy for longer than such a short life: the next session is one of an hour.
        if (line.includes('waiting')) delete deployer(sandbox.world).sessionLifetime;
      },
    );
    assert.equal(record.result, 'Succeeded', logOf(script));
    assert.equal(script.log.filter((line) => sessionArn.test(line)).length, 20, logOf(script));

    const [first, second, ...others] = asked('AssumeRoleWithWebIdentity');
    assert.ok(first && second);
    assert.equal(others.length, 0);
    assert.ok(secondsFrom(first, second) > life);
    const [ofTheTask, ...ofTheProcesses] = asked('GetCallerIdentity').map(accessKeyOf);
    assert.equal(ofTheProcesses.length, 20);
    assert.equal(new Set(ofTheProcesses).size, 1);
    assert.notEqual(ofTheProcesses[0], ofTheTask);
  });
});

function deployer({ accounts }: World) {
  const found = accounts[account]?.roles[role];
  assert.ok(found);
  return found;
}

function secondsFrom(earlier: RecordedRequest | undefined, later: RecordedRequest | undefined): number {
  assert.ok(earlier && later);
  return (later.at.getTime() - earlier.at.getTime()) / 1000;
}

/** Whose signature a request bears. */
function accessKeyOf(request: RecordedRequest | undefined): string | undefined {
  return /Credential=(\w+)\//.exec(request?.headers.authorization ?? '')?.[1];
}
