import assert from 'node:assert/strict';
import { createLog, type Log } from '../../../lib/agent/log.ts';

describe('the log', () => {
  function printed(work: (log: Log) => void): string[] {
    const lines: string[] = [];
    work(createLog((line) => lines.push(line), { source: 'TaskInternal', correlationId: undefined }));
    return lines;
  }

  it('prints each line of a text', () => {
    assert.deepEqual(
      printed((log) => log.info('one\ntwo\r\n\nthree')),
      ['one', 'two', '', 'three'],
    );
  });

  it('lays a table out in columns', () => {
    const rows = [
      ['Check', 'Result', 'Detail'],
      ['ID token', 'ok', ''],
      ['assume arn:aws:iam::111122223333:role/deployer', 'missing', 'ACCESS_DENIED'],
    ];
    assert.deepEqual(
      printed((log) => log.table(rows)),
      [
        'Check                                           Result   Detail',
        'ID token                                        ok',
        'assume arn:aws:iam::111122223333:role/deployer  missing  ACCESS_DENIED',
      ],
    );
  });

  it('prints rows of different lengths', () => {
    assert.deepEqual(
      printed((log) => log.table([['a'], ['b', 'c'], []])),
      ['a', 'b  c', ''],
    );
  });

  it('gives errors and warnings to the agent, in one command each', () => {
    assert.deepEqual(
      printed((log) => log.error('100 %\nsecond line')),
      ['##vso[task.logissue type=error;source=TaskInternal;]100 %AZP25%0Asecond line'],
    );
    assert.deepEqual(
      printed((log) => log.warning('careful')),
      ['##vso[task.logissue type=warning;source=TaskInternal;]careful'],
    );
  });

  it('opens and closes a group, whose title is one line', () => {
    assert.deepEqual(
      printed((log) => {
        log.beginGroup('Assume\n##[endgroup]');
        log.info('inside');
        log.endGroup();
      }),
      ['##[group]Assume # #[endgroup]', 'inside', '##[endgroup]'],
    );
  });

  it('says to the agent what only a debugging run shows', () => {
    assert.deepEqual(
      printed((log) => log.debug('at f\n  at g')),
      ['##vso[task.debug]at f%0A  at g'],
    );
  });
});
