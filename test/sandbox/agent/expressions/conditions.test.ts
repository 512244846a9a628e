import assert from 'node:assert/strict';
import {
  type FinishedJob,
  jobRuns,
  parseJobCondition,
  parseStepCondition,
  stepRuns,
} from '../../../../sandbox/agent/expressions/conditions.ts';
import { Dictionary } from '../../../../sandbox/agent/expressions/values.ts';
import type { TaskResult } from '../../../../sandbox/agent/result.ts';

const nothing = new Dictionary([]);

describe('the condition of a step', () => {
  const table: [condition: string, ...holdsFor: TaskResult[]][] = [
    ['', 'Succeeded', 'SucceededWithIssues'],
    ['succeeded()', 'Succeeded', 'SucceededWithIssues'],
    ['failed()', 'Failed'],
    ['canceled()', 'Canceled'],
    ['always()', 'Succeeded', 'SucceededWithIssues', 'Failed', 'Canceled'],
    ['succeededOrFailed()', 'Succeeded', 'SucceededWithIssues', 'Failed'],
    ['not(canceled())', 'Succeeded', 'SucceededWithIssues', 'Failed'],
    ["eq(variables.go, 'yes')"],
  ];
  const statuses: TaskResult[] = ['Succeeded', 'SucceededWithIssues', 'Failed', 'Canceled'];
  for (const [condition, ...holdsFor] of table) {
    it(`${condition || '(none)'} holds for ${holdsFor.join(', ') || 'none'}`, () => {
      const held = statuses.filter((status) => stepRuns(parseStepCondition(condition), status, nothing));
      assert.deepEqual(held, holdsFor);
    });
  }

  it('reads the variables of the job', () => {
    const variables = new Dictionary([['go', 'YES']]);
    assert.equal(stepRuns(parseStepCondition("eq(variables.go, 'yes')"), 'Succeeded', variables), true);
  });

  it('knows no other jobs, as the agent does not', () => {
    assert.throws(
      () => parseStepCondition("eq(dependencies.A.result, 'x')"),
      /Unrecognized value: 'dependencies'/,
    );
    assert.throws(() => parseStepCondition("succeeded('A')"), /Unexpected symbol: ''A''/);
  });
});

describe('the condition of a job', () => {
  const job = (result: TaskResult, outputs: [string, string][] = []): FinishedJob => ({
    result,
    outputs: new Map(outputs),
    secrets: new Set(),
  });
  const runs = (condition: string, direct: Record<string, FinishedJob>, further = {}, canceled = false) =>
    jobRuns(
      parseJobCondition(condition),
      { direct: new Map(Object.entries(direct)), all: new Map(Object.entries({ ...direct, ...further })) },
      canceled,
      nothing,
    );

  it('is by default that all jobs before it succeeded, with issues or without', () => {
    assert.equal(runs('', {}), true);
    assert.equal(runs('', { a: job('Succeeded'), b: job('SucceededWithIssues') }), true);
    assert.equal(runs('', { a: job('Succeeded'), b: job('Failed') }), false);
    assert.equal(runs('', { a: job('Skipped') }), false);
    assert.equal(runs('', { a: job('Succeeded') }, {}, true), false);
  });

  it('looks without names at all jobs of the graph before it, with names at those', () => {
    const further = { root: job('Failed') };
    assert.equal(runs('succeeded()', { a: job('Succeeded') }, further), false);
    assert.equal(runs('failed()', { a: job('Skipped') }, further), true);
    assert.equal(runs("succeeded('A')", { a: job('Succeeded') }, further), true);
    assert.equal(runs("failed('a')", { a: job('Succeeded') }, further), false);
    assert.equal(runs("failed('a', 'root')", { a: job('Succeeded') }, further), true);
  });

  it('tells a cancelled run', () => {
    assert.equal(runs('canceled()', {}, {}, true), true);
    assert.equal(runs('always()', { a: job('Canceled') }, {}, true), true);
    assert.equal(runs('succeededOrFailed()', { a: job('Failed') }), true);
    assert.equal(runs('succeededOrFailed()', { a: job('Failed') }, {}, true), false);
    assert.equal(runs('failed()', { a: job('Failed') }, {}, true), false);
  });

  it('reads results and outputs of the jobs it depends on, and of no others', () => {
    const direct = { a: job('Succeeded', [['printvar.skip', 'false']]) };
    assert.equal(runs("and(succeeded(), ne(dependencies.A.outputs['printvar.skip'], 'true'))", direct), true);
    assert.equal(runs("eq(dependencies.root.result, '')", direct, { root: job('Failed') }), true);
    assert.equal(runs("in(dependencies.a.result, 'Succeeded', 'Skipped')", direct), true);
  });
});
