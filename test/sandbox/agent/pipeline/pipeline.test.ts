import assert from 'node:assert/strict';
import type { TaskStep } from '../../../../sandbox/agent/pipeline/model.ts';
import { parsePipeline } from '../../../../sandbox/agent/pipeline/pipeline.ts';
import { FileFault } from '../../../../sandbox/checked-yaml.ts';

const parse = (text: string) => parsePipeline(text, 'p.yml');

/** A template expression. */
const template = (text: string) => `\${{ ${text} }}`;

/** Every fault of a pipeline. */
function faultsOf(text: string): readonly string[] {
  try {
    parse(text);
  } catch (error) {
    assert.ok(error instanceof FileFault);
    return error.faults;
  }
  return [];
}

describe('a pipeline file', () => {
  it('may be steps alone, which are one job', () => {
    const { jobs, name } = parse('steps:\n- script: echo 1\n- bash: echo 2\n');
    assert.equal(name, 'p');
    assert.deepEqual(
      jobs.map((job) => [job.name, job.steps.map((step) => step.name), job.timeout, job.checkout]),
      [['Job', ['CmdLine', 'Bash'], 60, true]],
    );
  });

  it('may say who starts it and where, which is the service’s business', () => {
    assert.equal(
      parse('name: x\ntrigger: none\npr: none\npool: {vmImage: ubuntu-latest}\nsteps: []\n').jobs.length,
      1,
    );
  });

  it('has jobs in an order in which each comes after those it depends on', () => {
    const { jobs } = parse(
      'jobs:\n- job: C\n  dependsOn: [A, B]\n  steps: []\n- job: B\n  dependsOn: a\n  steps: []\n- job: A\n  steps: []\n- job: D\n  steps: []\n',
    );
    assert.deepEqual(
      jobs.map(({ name }) => name),
      ['A', 'B', 'C', 'D'],
    );
  });

  it('reads every field of a task step', () => {
    const [job] = parse(`jobs:
- job: build
  displayName: Build it
  timeoutInMinutes: 5
  cancelTimeoutInMinutes: 1
  pool: Default
  steps:
  - checkout: none
  - task: publisher.extension.AwsFederate@1
    name: aws
    displayName: Get credentials
    inputs:
      a: 1.10
      b: 'yes'
      c: ~
      d: '~'
      e: |
        two
        lines
    env: { ' X ': ' y ' }
    enabled: no
    continueOnError: True
    timeoutInMinutes: 3
    retryCountOnTaskFailure: 2
    condition: always()
    target:
      commands: restricted
      settableVariables: [a, b*]
`).jobs;
    assert.ok(job);
    assert.deepEqual(
      [job.displayName, job.timeout, job.cancelTimeout, job.checkout],
      ['Build it', 5, 1, false],
    );
    const step = job.steps[0] as TaskStep;
    assert.deepEqual([step.task, step.version, step.name], ['publisher.extension.AwsFederate', '1', 'aws']);
    assert.deepEqual(
      [...step.inputs].map(([name, { value }]) => [name, value]),
      [
        ['a', '1.10'],
        ['b', 'yes'],
        ['c', ''],
        ['d', '~'],
        ['e', 'two\nlines\n'],
      ],
    );
    assert.deepEqual([...step.environment], [['X', 'y']]);
    assert.deepEqual(
      [step.enabled, step.continueOnError, step.timeout, step.retries, step.condition.text],
      [false, true, 3, 2, 'always()'],
    );
    assert.deepEqual(step.restrictions, { commandsRestricted: true, settableVariables: ['a', 'b*'] });
  });

  it('reads every field of a script step', () => {
    const [job] = parse('steps:\n- bash: run\n  workingDirectory: w\n  failOnStderr: true\n').jobs;
    const step = job?.steps[0];
    assert.ok(step?.kind === 'script');
    assert.deepEqual([step.script, step.workingDirectory, step.failOnStderr], ['run', 'w', true]);
  });

  it('numbers the names of steps that have none', () => {
    const [job] = parse('steps:\n- script: a\n- script: b\n- task: x.Foo@1\n- task: Foo@2\n').jobs;
    assert.deepEqual(
      job?.steps.map(({ name }) => name),
      ['CmdLine', 'CmdLine2', 'Foo', 'Foo2'],
    );
  });

  it('reads variables as a map and as a list', () => {
    assert.deepEqual(
      parse('variables:\n  a: 1\n  b: $[ 1.5 ]\nsteps: []\n').variables.map(({ name, value }) => [
        name,
        value,
      ]),
      [
        ['a', '1'],
        ['b', { expression: { kind: 'literal', value: 1.5 } }],
      ],
    );
    assert.deepEqual(
      parse('variables:\n- name: a\n  value: x\n  readonly: true\nsteps: []\n').variables.map((one) => [
        one.name,
        one.value,
        one.readOnly,
      ]),
      [['a', 'x', true]],
    );
  });

  describe('is refused, with file, line and what to do:', () => {
    const faults: Record<string, [text: string, place: string, message: RegExp]> = {
      'a key that is not known': [
        'steps: []\nstep: []\n',
        '2:1',
        /a pipeline has no key 'step'; write one of variables, jobs/,
      ],
      'a key written twice': ['steps: []\nsteps: []\n', '2:1', /written twice/],
      'a key written twice in inputs': [
        'steps:\n- task: A@1\n  inputs:\n    x: 1\n    x: 2\n',
        '5:5',
        /written twice/,
      ],
      'broken YAML': ['steps: [\n', '2:1', /./],
      'an empty file': ['', '1:1', /a pipeline is a map/],
      'nothing to run': ['trigger: none\n', '1:1', /write steps, or jobs/],
      stages: ['stages: []\nsteps: []\n', '1:1', /write the stage's jobs under jobs/],
      parameters: ['parameters: []\nsteps: []\n', '1:1', /write their values/],
      resources: ['resources: {}\nsteps: []\n', '1:1', /leave them out/],
      'both jobs and steps': ['jobs: []\nsteps: []\n', '2:1', /jobs or steps/],
      'a template expression in a value': [
        `steps:\n- script: echo ${template('variables.a')}\n`,
        '2:11',
        /template expressions are not evaluated/,
      ],
      'a template expression as a key': [
        `variables:\n  ${template('if true')}: 1\nsteps: []\n`,
        '2:3',
        /template expressions/,
      ],
      'a template expression as a step': [
        `steps:\n- ${template('if true')}:\n  - script: x\n`,
        '2:3',
        /template expressions/,
      ],
      'an anchor': ['steps:\n- script: &a x\n', '2:14', /no YAML anchors/],
      'an alias': ['variables: {a: &v x}\nsteps:\n- script: *v\n', '3:11', /no YAML anchors/],
      'a tag': ['steps:\n- script: !x y\n', '2:14', /no YAML tags/],
      'a second document': ['steps: []\n---\nsteps: []\n', '3:1', /one document/],
      'a job without a name key': ['jobs:\n- steps: []\n', '2:3', /begins with 'job:'/],
      'a deployment job': ['jobs:\n- deployment: x\n  steps: []\n', '2:3', /write 'job:' and the steps/],
      'a matrix': ['jobs:\n- job: a\n  strategy: {}\n  steps: []\n', '3:3', /one job for each value/],
      'a container': ['jobs:\n- job: a\n  container: x\n  steps: []\n', '3:3', /on the host/],
      'a job without steps': ['jobs:\n- job: a\n', '2:3', /has no steps/],
      'steps that are no list': ['steps: x\n', '1:8', /'steps' is a list/],
      'a job name that is none': ['jobs:\n- job: a-b\n  steps: []\n', '2:3', /Job a-b has an invalid name/],
      'a job name used twice': [
        'jobs:\n- job: a\n  steps: []\n- job: A\n  steps: []\n',
        '4:3',
        /The job name A appears more than once/,
      ],
      'a dependency that is not there': [
        'jobs:\n- job: a\n  dependsOn: b\n  steps: []\n',
        '2:3',
        /Job a depends on unknown job b/,
      ],
      'a cycle': [
        'jobs:\n- job: a\n  dependsOn: b\n  steps: []\n- job: b\n  dependsOn: a\n  steps: []\n',
        '5:3',
        /Job b depends on job a which creates a cycle/,
      ],
      'a job that depends on itself': [
        'jobs:\n- job: a\n  dependsOn: a\n  steps: []\n',
        '2:3',
        /creates a cycle/,
      ],
      'a condition of a job': [
        'jobs:\n- job: a\n  condition: nope()\n  steps: []\n',
        '3:3',
        /Unrecognized value: 'nope'/,
      ],
      'a condition of a step': [
        "steps:\n- script: x\n  condition: eq($(a), 'b')\n",
        '3:3',
        /Unrecognized value: '\$'/,
      ],
      'a step that is none': [
        'steps:\n- foo: x\n',
        '2:3',
        /a step has no key 'foo'; write one of task, script, bash, pwsh, checkout/,
      ],
      'an empty step': ['steps:\n- {}\n', '2:3', /a step is one of/],
      'a text as a step': ['steps:\n- foo\n', '2:3', /a step is a map/],
      'a template of steps': ['steps:\n- template: x.yml\n', '2:3', /templates are not read/],
      powershell: ['steps:\n- powershell: x\n', '2:3', /write pwsh/],
      'a download': ['steps:\n- download: current\n', '2:3', /leave the step out/],
      'inputs of a script step': [
        'steps:\n- script: x\n  inputs: {}\n',
        '3:3',
        /a script step has no key 'inputs'/,
      ],
      'a task without a version': [
        'steps:\n- task: AwsFederate\n',
        '2:3',
        /'AwsFederate' names no task; write its name and major version/,
      ],
      'a step name that is none': ['steps:\n- script: x\n  name: a.b\n', '3:3', /'a.b' is no name/],
      'a step name used twice': [
        'steps:\n- script: x\n  name: a\n- script: y\n  name: A\n',
        '5:3',
        /The step name A appears more than once/,
      ],
      'a boolean that is none': ['steps:\n- script: x\n  enabled: maybe\n', '3:3', /write true or false/],
      'a number that is none': [
        'steps:\n- script: x\n  timeoutInMinutes: 1.5\n',
        '3:3',
        /write a whole number/,
      ],
      'a list where a text belongs': ['steps:\n- script: [x]\n', '2:11', /is a single value/],
      'env that is no map': ['steps:\n- script: x\n  env: [a]\n', '3:8', /'env' is a map/],
      'a step in a container': [
        'steps:\n- script: x\n  target: box\n',
        '3:11',
        /containers are not run here/,
      ],
      'commands that are neither': [
        'steps:\n- script: x\n  target: {commands: some}\n',
        '3:12',
        /write any or restricted/,
      ],
      'another repository': ['steps:\n- checkout: other\n', '2:3', /write self/],
      'a variable group': ['variables:\n- group: g\nsteps: []\n', '2:3', /write the variables here/],
      'variables that are neither': [
        'variables: x\nsteps: []\n',
        '1:12',
        /a map of names and values, or a list/,
      ],
      'a variable without a name': ['variables:\n- value: x\nsteps: []\n', '2:3', /a variable has a name/],
      'an expression of a variable': [
        'variables:\n  a: $[ nope ]\nsteps: []\n',
        '2:3',
        /Unrecognized value: 'nope'/,
      ],
      'a counter': ["variables:\n  a: $[ counter('x', 1) ]\nsteps: []\n", '2:3', /write the number you mean/],
    };
    for (const [what, [text, place, message]] of Object.entries(faults)) {
      it(what, () => {
        const found = faultsOf(text).filter(
          (fault) => fault.startsWith(`p.yml:${place}: `) && message.test(fault),
        );
        assert.equal(found.length, 1, `faults are ${JSON.stringify(faultsOf(text))}`);
      });
    }

    it('all of it at once', () => {
      const text = `foo: 1\nsteps:\n- script: x\n  bar: 2\n- task: y\n- script: ${template('z')}\n`;
      assert.equal(faultsOf(text).length, 4);
    });

    it('of broken YAML the first mistake only', () => {
      assert.deepEqual(faultsOf('variables: { a: $[ x ] }\nsteps: [{ bash: a }]\n').length, 1);
    });

    it('also keys that every object has', () => {
      assert.match(faultsOf('constructor: 1\nsteps: []\n')[0] ?? '', /a pipeline has no key 'constructor'/);
    });
  });
});
