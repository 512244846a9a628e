import assert from 'node:assert/strict';
import { localRuns, outputOf } from '../local-runs.ts';

describe('the jobs of a run', () => {
  const { suite, run } = localRuns();

  it('hand outputs on to the jobs that depend on them, secret ones as secrets', async () => {
    const { step, jobs, printed } = await run(`jobs:
- job: A
  steps:
  - bash: |
      echo "##vso[task.setvariable variable=plain;isoutput=true]one"
      echo "##vso[task.setvariable variable=tok;isoutput=true;issecret=true]deep-secret"
    name: maker
- job: B
  dependsOn: A
  variables:
    plain: $[ dependencies.A.outputs['maker.plain'] ]
    token: $[ format('Bearer {0}', dependencies.A.outputs['maker.tok']) ]
    both: $[ format('{0}-{1}', variables.plain, variables['Build.Reason']) ]
    missing: $[ dependencies.A.outputs['maker.none'] ]
  steps:
  - bash: echo "$PLAIN [$TOKEN] $(token) $BOTH [$(missing)]"
    name: user
`);
    assert.deepEqual(outputOf(step('user')), ['one [] *** one-Manual []']);
    assert.deepEqual(jobs[0]?.outputs, { 'maker.plain': 'one', 'maker.tok': '***' });
    assert.ok(!JSON.stringify(jobs).includes('deep-secret') && !printed.join().includes('deep-secret'));
  });

  it('run where their condition holds', async () => {
    const { jobs, result } = await run(
      `variables: { flag: yes }
jobs:
- job: fails
  steps: [{ bash: exit 1 }]
- job: after
  dependsOn: fails
  steps: [{ bash: 'true' }]
- job: rescue
  dependsOn: fails
  condition: failed()
  steps: [{ bash: 'true' }]
- job: onMain
  condition: and(eq(variables['Build.SourceBranch'], 'refs/heads/main'), eq(variables.flag, 'yes'), eq(variables.given, '1'))
  steps: [{ bash: 'true' }]
- job: skips
  condition: false
  steps: [{ bash: 'true' }]
- job: afterSkipped
  dependsOn: skips
  steps: [{ bash: 'true' }]
- job: anyway
  dependsOn: [skips, rescue]
  condition: in(dependencies.skips.result, 'Succeeded', 'Skipped')
  steps: [{ bash: 'true' }]
`,
      { variables: { given: '1' } },
    );
    assert.deepEqual(
      jobs.map(({ name, result: one }) => `${name} ${one}`),
      [
        ...['fails Failed', 'after Skipped', 'rescue Succeeded', 'onMain Succeeded', 'skips Skipped'],
        ...['afterSkipped Skipped', 'anyway Succeeded'],
      ],
    );
    assert.equal(result, 'Failed');
    assert.equal(jobs[1]?.reason, 'Skipping job due to condition evaluation.');
  });

  it('fail where their condition, or an expression of a variable, cannot be evaluated', async () => {
    const { jobs } = await run(`jobs:
- job: A
  condition: gt(1, 'x')
  steps: [{ bash: 'true' }]
- job: B
  variables: { v: '$[ length(1) ]' }
  steps: [{ bash: 'true' }]
`);
    assert.deepEqual(
      jobs.map(({ result, steps, reason }) => [result, steps.length, reason]),
      [
        ['Failed', 0, "Unable to convert from String to Number. Value: 'x'"],
        ['Failed', 0, undefined],
      ],
    );
    assert.match(jobs[1]?.issues[0]?.message ?? '', /^Kind 'Number' not supported/);
  });

  it('keep their variables, paths and secrets to themselves', async () => {
    const { step } = await run(
      `jobs:
- job: A
  variables: { own: a }
  steps:
  - bash: |
      echo "##vso[task.setvariable variable=set]1"
      echo "##vso[task.prependpath]/first"
      echo "##vso[task.setsecret]word"
- job: B
  steps:
  - bash: echo "[$OWN$SET] word $PATH"
    name: b
`,
      { environment: { PATH: '/usr/bin:/bin' } },
    );
    assert.deepEqual(outputOf(step('b')), ['[] word /usr/bin:/bin']);
  });

  it('find a workspace of their own, and tools of jobs before', async () => {
    const { step } = await run(`jobs:
- job: A
  steps:
  - bash: touch "$AGENT_TEMPDIRECTORY/x" "$BUILD_ARTIFACTSTAGINGDIRECTORY/x" "$AGENT_TOOLSDIRECTORY/x"
- job: B
  steps:
  - bash: ls "$AGENT_TEMPDIRECTORY" "$BUILD_ARTIFACTSTAGINGDIRECTORY" "$AGENT_TOOLSDIRECTORY" | grep -c '^x$'
    name: b
`);
    assert.deepEqual(outputOf(step('b')), ['1']);
  });

  it('have variables of a job over those of the pipeline, and both over given ones', async () => {
    const { step } = await run(
      'variables: { a: pipeline, b: pipeline }\njobs:\n- job: A\n  variables: { a: job }\n  steps:\n  - bash: echo $A $B $C\n    name: a\n',
      { variables: { a: 'given', b: 'given', c: 'given' } },
    );
    assert.deepEqual(outputOf(step('a')), ['job pipeline given']);
  });

  it('have an access token each, which ends with the job', async () => {
    const { jobs } = await run(
      'jobs:\n- job: A\n  steps: [{ bash: "echo $(System.AccessToken) $(System.PlanId)" }]\n- job: B\n  steps: [{ bash: "true" }]\n',
    );
    const tokens = suite.sandbox.issuedSecrets.filter((secret) => secret.length > 100);
    assert.ok(tokens.length >= 2);
    assert.ok((jobs[0]?.maskedCount ?? 0) > 0);
    assert.ok(!JSON.stringify(jobs).includes(tokens.at(-2) ?? '-'));
  });
});
