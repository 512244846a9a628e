import assert from 'node:assert/strict';
import { runReport } from '../../../lib/report/index.ts';
import { sampleReport as sample } from './sample-report.ts';

describe('the schema of the run report', () => {
  it('takes a report, with an error and without', () => {
    assert.deepEqual(runReport.parse(sample), sample);
    const { error, ...without } = sample;
    assert(error);
    assert.deepEqual(runReport.parse(without), without);
  });

  const wrong: Record<string, unknown> = {
    'of another version': { ...sample, version: 2 },
    'of another kind': { ...sample, schema: 'other' },
    'with an unknown outcome': { ...sample, outcome: 'skipped' },
    'without steps': { ...sample, steps: undefined },
    'whose step has no time': { ...sample, steps: [{ title: 'x', outcome: 'failed' }] },
    'whose table is no table': { ...sample, tables: [{ title: 'x', rows: ['a'] }] },
    'whose error has no code': { ...sample, error: { what: 'x' } },
  };
  for (const [what, report] of Object.entries(wrong)) {
    it(`refuses one ${what}`, () => assert(!runReport.safeParse(report).success));
  }
});
