import assert from 'node:assert/strict';
import { DeliveryError } from '../../../lib/errors/index.ts';
import { runReport } from '../../../lib/report/index.ts';
import { runStory } from './run-story.ts';

describe('a task', () => {
  it('that succeeds says its outcome in the log, the result, the report and the summary', async () => {
    const told = await runStory(async (task) => {
      await task.step('Assume the role', () => {
        task.facts({ account: '111122223333' });
      });
      task.table('Checks', [['Check', 'Result']]);
      task.warn('a note');
      return 'Later steps are deployer.';
    });

    assert.deepEqual(told.marked, ['##[group]Assume the role', '##[endgroup]']);
    assert.match(
      told.plain.join('\n'),
      /^account {2}111122223333\nsucceeded in 0\.\d s\nChecks\nCheck {2}Result\nLater steps are deployer\.$/,
    );
    const [warning, attachment, summary, complete, ...others] = told.commands;
    assert.deepEqual(others, []);
    assert.deepEqual(
      [warning?.name, warning?.properties.type, warning?.data],
      ['task.logissue', 'warning', 'a note'],
    );
    assert.deepEqual(attachment?.properties, { type: 'keyless-delivery.report', name: 'Sample@1' });
    assert.equal(summary?.name, 'task.uploadsummary');
    assert.deepEqual(complete, {
      name: 'task.complete',
      properties: { result: 'Succeeded' },
      data: 'Later steps are deployer.',
    });

    const report = runReport.parse(told.report);
    assert.equal(report.outcome, 'succeeded');
    assert.equal(report.summary, 'Later steps are deployer.');
    assert.deepEqual(report.facts, [{ name: 'account', value: '111122223333' }]);
    assert.deepEqual(report.tables, [{ title: 'Checks', rows: [['Check', 'Result']] }]);
    assert.deepEqual(report.warnings, ['a note']);
    assert.deepEqual(
      report.steps.map(({ title, outcome }) => [title, outcome]),
      [['Assume the role', 'succeeded']],
    );
    assert(Date.parse(report.startedAt) <= Date.parse(report.finishedAt));
    assert.equal(report.error, undefined);
    assert.match(told.markdown ?? '', /Later steps are deployer/);
    assert.equal(told.files.length, 2);
  });

  it('that fails tells what happened, why, what to do and where to read on', async () => {
    const told = await runStory(async (task) => {
      await task.step('Assume the role', () => {
        throw new DeliveryError({
          code: 'ACCESS_DENIED',
          what: 'The role does not trust this connection.',
          why: 'AWS STS said: AccessDenied',
          remedy: 'Paste this:\naws iam …',
          requestId: 'req-1',
        });
      });
      return 'never';
    });
    assert.deepEqual(
      told.plain.map((line) => line.replace(/\d\.\d s/, 'N s')),
      [
        'failed in N s',
        'Why: AWS STS said: AccessDenied',
        'Request id: req-1',
        'What to do:',
        '  Paste this:',
        '  aws iam …',
        'Help: https://github.com/keyless-delivery/keyless-delivery/blob/main/docs/troubleshooting.md#access_denied',
        'The role does not trust this connection.',
      ],
    );
    const [error] = told.commands;
    assert.deepEqual(
      [error?.name, error?.properties.type, error?.data],
      ['task.logissue', 'error', 'ACCESS_DENIED: The role does not trust this connection.'],
    );
    assert.deepEqual(told.commands.at(-1), {
      name: 'task.complete',
      properties: { result: 'Failed' },
      data: 'The role does not trust this connection.',
    });
    const report = runReport.parse(told.report);
    assert.deepEqual(
      [report.outcome, report.error?.code, report.error?.requestId],
      ['failed', 'ACCESS_DENIED', 'req-1'],
    );
    assert.deepEqual(
      report.steps.map(({ outcome }) => outcome),
      ['failed'],
    );
  });

  it('that fails for several reasons tells each on a line of its own', async () => {
    const told = await runStory(() => {
      throw new DeliveryError({ code: 'INPUT_INVALID', what: '2 settings.', why: '- one\n- two' });
    });
    assert.deepEqual(told.plain.slice(0, 3), ['Why:', '  - one', '  - two']);
  });

  it('that meets an error nobody foresaw says so, and shows its stack to a debugging run only', async () => {
    const told = await runStory(async () => {
      throw new TypeError('x is undefined');
    });
    const [error, debug] = told.commands;
    assert.match(error?.data ?? '', /^INTERNAL: .*x is undefined$/);
    assert.equal(debug?.name, 'task.debug');
    assert.match(debug?.data ?? '', /TypeError: x is undefined\n\s+at /);
    assert.doesNotMatch(told.plain.join('\n'), /\n\s+at /);
    assert.deepEqual(told.commands.at(-1)?.properties, { result: 'Failed' });
  });

  it('that throws something other than an error fails all the same', async () => {
    const told = await runStory(() => Promise.reject('just a text'));
    assert.match(told.commands[0]?.data ?? '', /^INTERNAL: .*just a text$/);
  });

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`that is cancelled by ${signal} stops where it is and ends as cancelled`, async () => {
      let second = false;
      const told = await runStory(async (task) => {
        await task.step('Wait', () => {
          process.emit(signal);
          task.signal.throwIfAborted();
        });
        second = true;
        return 'never';
      });
      assert(!second);
      assert.deepEqual(told.commands.at(-1)?.properties, { result: 'Canceled' });
      const report = runReport.parse(told.report);
      assert.deepEqual([report.outcome, report.error?.code], ['canceled', 'CANCELLED']);
      assert.deepEqual(
        report.steps.map(({ outcome }) => outcome),
        ['canceled'],
      );
    });
  }

  it('hears of its cancellation even after work that never waits', async () => {
    const told = await runStory(async (task) => {
      await task.step('Write', () => {
        process.kill(process.pid, 'SIGTERM');
        const started = Date.now();
        while (Date.now() - started < 20);
      });
      return 'never';
    });
    assert.deepEqual(told.commands.at(-1)?.properties, { result: 'Canceled' });
  });

  it('begins no further step once it is cancelled', async () => {
    const told = await runStory(async (task) => {
      process.emit('SIGINT');
      return task.step('Act', () => 'acted');
    });
    assert.deepEqual(told.marked, []);
    assert.deepEqual(told.commands.at(-1)?.properties, { result: 'Canceled' });
  });

  it('in a release uploads no summary, since releases take none', async () => {
    const told = await runStory(async () => 'Done.', { variables: { 'System.HostType': 'release' } });
    assert.deepEqual(
      told.commands.map(({ name }) => name),
      ['task.addattachment', 'task.complete'],
    );
    assert.equal(told.files.length, 1);
  });

  it('keeps its result when the report cannot be written, and says that', async () => {
    const told = await runStory(async () => 'Done.', {
      variables: { 'Agent.TempDirectory': '/nowhere/at/all' },
    });
    assert.deepEqual(
      told.commands.map(({ name, properties }) => [name, properties.type ?? properties.result]),
      [
        ['task.logissue', 'warning'],
        ['task.complete', 'Succeeded'],
      ],
    );
    assert.match(told.commands[0]?.data ?? '', /report could not be written: ENOENT/);
  });
});
