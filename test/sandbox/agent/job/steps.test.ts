import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { localRuns, outputOf } from '../local-runs.ts';

describe('the steps of a job', () => {
  const { suite, run, runFile } = localRuns();
  const results = async (text: string, options: Parameters<typeof run>[1] = {}) => {
    const { job, result } = await run(text, options);
    return [result, ...job.steps.map((step) => `${step.displayName}: ${step.result}`)];
  };

  describe('come out', () => {
    it('failed where a script ends with another exit code than 0', async () => {
      const { step, result } = await run('- bash: exit 3\n');
      assert.deepEqual([result, step('Bash').exitCode], ['Failed', 3]);
      assert.deepEqual(step('Bash').issues, [{ type: 'error', message: "Bash exited with code '3'." }]);
    });

    it('failed where a task does, with the agent’s words', async () => {
      const { step } = await run('- task: Run@1\n  inputs: { code: process.exit(7) }\n');
      assert.match(
        step('Run').issues[0]?.message ?? '',
        /^Exit code 7 returned from process: file name '.*', arguments '".*main\.js"'\.$/,
      );
    });

    it('as task.complete says, the worst of several', async () => {
      const completing = (...words: string[]) =>
        `- bash: |\n${words.map((word) => `    echo "##vso[task.complete result=${word}]x"\n`).join('')}`;
      assert.equal((await run(completing('SucceededWithIssues', 'Succeeded'))).result, 'SucceededWithIssues');
      assert.equal((await run(completing('Failed', 'Succeeded'))).result, 'Failed');
      assert.equal((await run(`${completing('Succeeded')}    exit 1\n`)).result, 'Failed');
    });

    it('with issues where a failure is to be gone on from', async () => {
      assert.deepEqual(
        await results(
          '- bash: exit 1\n  displayName: a\n  continueOnError: true\n- bash: "true"\n  displayName: b\n',
        ),
        [...['SucceededWithIssues', 'a: SucceededWithIssues', 'b: Succeeded']],
      );
    });

    it('failed where standard error is not to be written to', async () => {
      const { step } = await run(
        '- bash: echo odd >&2\n  failOnStderr: true\n- bash: echo odd >&2\n  condition: always()\n',
      );
      assert.deepEqual([step('Bash').result, step('Bash2').result], ['Failed', 'Succeeded']);
      assert.deepEqual(
        step('Bash').issues.map(({ message }) => message),
        ['Bash wrote one or more lines to the standard error stream.', 'odd'],
      );
    });

    it('failed where the working directory is not there', async () => {
      const { step } = await run('- script: pwd\n  workingDirectory: none\n');
      assert.match(step('CmdLine').issues[0]?.message ?? '', /^Not found workingDirectory: .*\/1\/s\/none$/);
      assert.equal(step('CmdLine').result, 'Failed');
    });

    it('failed where a task is for Windows', async () => {
      const { step } = await run('- task: Windows@1\n');
      assert.match(
        step('Windows').issues[0]?.message ?? '',
        /The current operating system is not capable of running this task/,
      );
    });
  });

  describe('run where their condition holds', () => {
    it('after success, failure, and always', async () => {
      const step = (name: string, script: string, condition: string) =>
        `- bash: ${script}\n  displayName: ${name}\n  condition: ${condition}\n`;
      const text =
        step('a', 'exit 1', 'succeeded()') +
        step('b', '"true"', 'succeeded()') +
        step('c', '"true"', 'failed()') +
        step('d', '"true"', 'always()') +
        step('e', '"true"', "and(always(), eq(variables['x'], 'Y'))") +
        step('f', '"true"', "and(always(), eq(variables['Agent.JobStatus'], 'Failed'))") +
        step('g', '"true"', 'canceled()');
      assert.deepEqual(await results(text, { variables: { x: 'y' } }), [
        ...[
          'Failed',
          'a: Failed',
          'b: Skipped',
          'c: Succeeded',
          'd: Succeeded',
          'e: Succeeded',
          'f: Succeeded',
        ],
        'g: Skipped',
      ]);
    });

    it('and say so where they are skipped', async () => {
      const { step } = await run("- bash: 'true'\n  condition: eq(1, 2)\n");
      assert.deepEqual(step('Bash').log, [
        'Skipping step due to condition evaluation.',
        'Evaluating: eq(1, 2)',
        'Result: False',
      ]);
    });

    it('fail where it cannot be evaluated', async () => {
      const { step } = await run("- bash: 'true'\n  condition: gt(1, 'x')\n");
      assert.deepEqual(
        [step('Bash').result, step('Bash').issues[0]?.message],
        ['Failed', "Unable to convert from String to Number. Value: 'x'"],
      );
    });

    it('unless they are not enabled, when they are not there at all', async () => {
      assert.deepEqual(
        await results('- bash: exit 1\n  enabled: false\n- bash: "true"\n  displayName: b\n'),
        [...['Succeeded', 'b: Succeeded']],
      );
    });
  });

  describe('hand on', () => {
    it('variables, expanded where they are used', async () => {
      const { step } = await run(`variables: { base: one, nested: "<$(base)>", loop: $(loop) }
steps:
- bash: echo "##vso[task.setvariable variable=base]two"; echo "$(nested) $NESTED" '$(none) $(loop)'
- bash: echo "$(nested) $NESTED"
  displayName: Say $(base)
`);
      assert.deepEqual(outputOf(step('Bash')).at(-1), '<one> <one> $(none) $(loop)');
      assert.deepEqual(outputOf(step('Bash2')), ['<two> <two>']);
      assert.equal(step('Bash2').displayName, 'Say one', 'names are expanded before the first step');
      assert.ok(
        step('Bash2').issues.some(({ message }) => message.includes("Unable to expand variable 'loop'")),
      );
    });

    it('outputs as step.name, and nothing else by that name', async () => {
      const { step, job } = await run(`- bash: echo "##vso[task.setvariable variable=x;isoutput=true]1"
  name: maker
- bash: echo "[$X] $MAKER_X $(maker.x)" '[$(x)]'
- bash: echo "##vso[task.setvariable variable=maker.x]2"
`);
      assert.deepEqual(outputOf(step('Bash')), ['[] 1 1 [$(x)]']);
      assert.deepEqual(job.outputs, { 'maker.x': '1' });
      assert.match(
        step('Bash2').issues[1]?.message ?? '',
        /^Overwriting readonly variable 'maker.x' is not permitted/,
      );
    });

    it('a variable that a pipeline wrote read-only as it is', async () => {
      const { step } = await run(
        'variables:\n- { name: fixed, value: a, readonly: true }\nsteps:\n- bash: echo "##vso[task.setvariable variable=fixed]b"\n- bash: echo $(fixed)\n  condition: always()\n',
      );
      assert.deepEqual([step('Bash').result, outputOf(step('Bash2'))], ['Failed', ['a']]);
    });

    it('secrets to tasks only, and masked to nobody', async () => {
      const { step, printed } =
        await run(`- bash: echo "##vso[task.setvariable variable=tok;issecret=true]deep-secret"
- bash: echo "[$TOK] $(tok) deep-secret $(echo -n deep-secret | tr a-z A-Z)"
- task: Run@1
  inputs: { code: "console.log(process.env.SECRET_TOK === ['deep', 'secret'].join('-'), process.env.TOK)" }
`);
      assert.deepEqual(outputOf(step('Bash2')), ['[] *** *** DEEP-SECRET']);
      assert.ok(step('Run').log.includes('true undefined'));
      assert.ok(!printed.join('\n').includes('deep-secret'));
      assert.equal(step('Bash2').maskedCount, 5, 'three in the printed script, two in its output');
      assert.equal(step('Run').maskedCount, 0);
    });
  });

  describe('of a task with three stages', () => {
    const stage = (text: string) => JSON.stringify(`console.log('${text} ' + process.env.INPUT_NAME)`);
    const task = (name: string, code: string, more = '') =>
      `- task: Stages@1\n  name: ${name}\n  displayName: ${name}\n  inputs: { name: ${name}, before: ${stage('before')}, code: ${code}, after: ${stage('after')} }\n${more}`;

    it('run before the job, in it, and after it in reverse order', async () => {
      const { job, printed } = await run(task('a', stage('main')) + task('b', stage('main')));
      assert.deepEqual(
        job.steps.map((step) => `${step.stage} ${step.displayName}`),
        [
          ...['pre-job Pre-job: a', 'pre-job Pre-job: b', 'main a', 'main b'],
          ...['post-job Post-job: b', 'post-job Post-job: a'],
        ],
      );
      assert.deepEqual(
        printed.filter((line) => /^(before|main|after) [ab]$/.test(line)),
        ['before a', 'before b', 'main a', 'main b', 'after b', 'after a'],
      );
    });

    it('run after the job also where it failed, and where the task itself did not run', async () => {
      const { job } = await run(task('a', JSON.stringify('process.exit(1)')) + task('b', stage('main')));
      assert.deepEqual(
        job.steps.map((step) => `${step.displayName} ${step.result}`),
        [
          ...['Pre-job: a Succeeded', 'Pre-job: b Succeeded', 'a Failed', 'b Skipped'],
          ...['Post-job: b Succeeded', 'Post-job: a Succeeded'],
        ],
      );
    });

    it('hand task variables on, to the same step’s stages only, secrets masked', async () => {
      const set = '##vso[task.settaskvariable variable=my.state;issecret=true]state-1';
      const show = JSON.stringify(
        "console.log('state is', process.env.VSTS_TASKVARIABLE_MY_STATE, process.env.MY_STATE)",
      );
      const { step } = await run(
        `- task: Stages@1\n  name: a\n  inputs: { code: ${JSON.stringify(`console.log('${set}')`)}, after: ${show} }\n` +
          `- task: Stages@1\n  name: b\n  inputs: { after: ${show} }\n`,
      );
      assert.ok(step('a', 'post-job').log.includes('state is *** undefined'));
      assert.ok(step('b', 'post-job').log.includes('state is undefined undefined'));
    });
  });

  describe('are tried again', () => {
    it('as often as asked, each a little later', async () => {
      const counter = join(suite.folder, 'tries');
      const { step } = await run(
        `- bash: echo x >> '${counter}'; [ $(wc -l < '${counter}') = 2 ]\n  retryCountOnTaskFailure: 2\n`,
      );
      assert.equal(await readFile(counter, 'utf8'), 'x\nx\n');
      assert.equal(step('Bash').result, 'Succeeded');
      assert.ok(step('Bash').durationMilliseconds >= 1000);
      assert.ok(
        step('Bash').issues.some(({ message }) =>
          message.includes(
            'RetryHelper encountered task failure, will retry (attempt #: 1 out of 2) after 1000 ms',
          ),
        ),
      );
    });

    it('as if nothing had been said before', async () => {
      const { step } = await run(
        `- bash: |
    echo '##vso[task.complete result=Failed;done=true]'
    [ -e "$AGENT_TEMPDIRECTORY/again" ] || { touch "$AGENT_TEMPDIRECTORY/again"; exit 1; }
    sleep 6; echo '##vso[task.complete result=Failed]'
  retryCountOnTaskFailure: 1
`,
      );
      assert.equal(step('Bash').result, 'Failed');
      assert.ok(step('Bash').durationMilliseconds > 6000, 'the second attempt has five seconds of its own');
    });

    it('and fail at last', async () => {
      const { step } = await run(
        '- task: Run@1\n  retryCountOnTaskFailure: 1\n  inputs: { code: process.exit(1) }\n',
      );
      assert.equal(step('Run').result, 'Failed');
      assert.equal(step('Run').issues.filter(({ type }) => type === 'warning').length, 1);
    });
  });

  it('are over five seconds after they say they are, though their process goes on', async () => {
    const { step, printed, job } = await run(
      "- bash: |\n    echo '##vso[task.complete result=Succeeded;done=true]'\n    sleep 6; echo late; sleep 60\n- bash: echo next\n",
    );
    const { result, durationMilliseconds } = step('Bash');
    assert.equal(result, 'Succeeded');
    assert.ok(durationMilliseconds >= 5000 && durationMilliseconds < 30_000, `${durationMilliseconds} ms`);
    assert.ok(!printed.includes('late'));
    assert.ok(job.orphans.some((orphan) => orphan.endsWith('(bash)')));
  });

  it('run where the pipeline file is, without a copy', async () => {
    const file = join(import.meta.dirname, '..', 'data', 'checkout', 'pipeline.yml');
    const { step } = await runFile(file);
    assert.deepEqual(outputOf(step('CmdLine')), ['beside the pipeline']);
  });

  it('are printed as Azure DevOps prints them', async () => {
    const { printed } = await run(
      '- task: Run@1\n  displayName: Say it\n  inputs: { code: "console.log(1)" }\n',
    );
    const start = printed.indexOf('##[section]Starting: Say it');
    assert.deepEqual(printed.slice(start, start + 10), [
      '##[section]Starting: Say it',
      '='.repeat(78),
      'Task         : Run JavaScript',
      'Description  : For tests of the local agent',
      'Version      : 1.0.0',
      'Author       : Tests',
      'Help         : ',
      '='.repeat(78),
      '1',
      '##[section]Finishing: Say it',
    ]);
    assert.equal(printed[0], '##[section]Starting: Job');
    assert.equal(printed.at(-1), '##[section]Finishing: Job');
  });
});
