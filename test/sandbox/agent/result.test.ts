import assert from 'node:assert/strict';
import { parseTaskResult, type TaskResult, worseOf } from '../../../sandbox/agent/result.ts';

describe('results', () => {
  const merges: [current: TaskResult | undefined, coming: TaskResult, merged: TaskResult][] = [
    [undefined, 'Succeeded', 'Succeeded'],
    ['Succeeded', 'SucceededWithIssues', 'SucceededWithIssues'],
    ['SucceededWithIssues', 'Succeeded', 'SucceededWithIssues'],
    ['Failed', 'Succeeded', 'Failed'],
    ['Failed', 'Canceled', 'Canceled'],
    ['Canceled', 'Failed', 'Canceled'],
    ['Skipped', 'Failed', 'Skipped'],
  ];
  for (const [current, coming, merged] of merges) {
    it(`${current ?? 'none'}, then ${coming}, is ${merged}`, () =>
      assert.equal(worseOf(current, coming), merged));
  }

  it('are written exactly so', () => {
    assert.equal(parseTaskResult('SucceededWithIssues'), 'SucceededWithIssues');
    assert.equal(parseTaskResult('failed'), undefined);
    assert.equal(parseTaskResult(''), undefined);
  });
});
