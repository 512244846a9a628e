import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createLog, type Log } from '../../../lib/agent/log.ts';
import { neutralise } from '../../../lib/agent/neutralise.ts';
import { DeliveryError } from '../../../lib/errors/index.ts';
import { readAsAgent } from './agent-parser.ts';
import { hostileText } from './hostile-text.ts';
import { runStory } from './run-story.ts';

const rows = fc.array(fc.array(hostileText, { maxLength: 4 }), { maxLength: 4 });

/** The control characters that may stand in a log. */
const harmless = /^[^\p{Cc}\p{Cf}]*$/u;

describe('text from outside forges no logging command', () => {
  function said(work: (log: Log) => void) {
    const lines: string[] = [];
    work(createLog((line) => lines.push(line), { source: 'TaskInternal' }));
    return readAsAgent(lines.join('\n'));
  }
  const property = <T>(text: fc.Arbitrary<T>, check: (text: T) => void) =>
    fc.assert(fc.property(text, check), { numRuns: 1000 });

  it('when it is neutralised', () => {
    property(hostileText, (text) => {
      const { commands, marked, plain } = readAsAgent(neutralise(text));
      assert.deepEqual([commands, marked], [[], []]);
      for (const line of plain) assert.match(line.replaceAll('\t', ''), harmless);
    });
  });

  it('when pieces of it that are neutral each are put side by side on a line of their own', () => {
    property(fc.array(hostileText), (texts) => {
      const output = texts.map(neutralise).join('\n');
      assert.deepEqual(readAsAgent(output).commands, []);
    });
  });

  it('when it is printed', () => {
    property(hostileText, (text) => {
      const { commands, marked } = said((log) => log.info(text));
      assert.deepEqual([commands, marked], [[], []]);
    });
  });

  it('when it is printed in a table', () => {
    property(rows, (cells) => {
      const { commands, marked } = said((log) => log.table(cells));
      assert.deepEqual([commands, marked], [[], []]);
    });
  });

  it('when it is the title of a group', () => {
    property(hostileText, (text) => {
      const { commands, marked, plain } = said((log) => {
        log.beginGroup(text);
        log.endGroup();
      });
      assert.deepEqual([commands, plain, marked.length], [[], [], 2]);
      assert.equal(marked[0]?.lastIndexOf('##['), 0);
    });
  });

  it('when it is an error, a warning or a word to the debugger: the agent gets just that', () => {
    const sayings = { error: 'task.logissue', warning: 'task.logissue', debug: 'task.debug' } as const;
    property(fc.tuple(fc.constantFrom('error', 'warning', 'debug'), hostileText), ([level, text]) => {
      const { commands, marked, plain } = said((log) => log[level](text));
      assert.deepEqual([commands.length, marked, plain], [1, [], []]);
      assert.equal(commands[0]?.name, sayings[level]);
      assert.equal(commands[0]?.properties.type, level === 'debug' ? undefined : level);
      assert.equal(commands[0]?.data, neutralise(text));
    });
  });

  it('when it is told by a task, fails it, or ends it', async function () {
    this.timeout(20_000);
    const texts = fc.record({
      title: hostileText,
      fact: hostileText,
      value: hostileText,
      warning: hostileText,
      what: hostileText,
      why: hostileText,
      remedy: hostileText,
      requestId: hostileText,
      summary: hostileText,
      variable: hostileText,
      rows,
      ending: fc.constantFrom('summary', 'fault', 'error'),
    });
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        const told = await runStory(async (task) => {
          await task.step(text.title, () => task.facts({ [text.fact]: text.value }));
          task.table(text.title, text.rows);
          task.warn(text.warning);
          task.agent.setVariable('NAME', text.variable);
          task.agent.setOutput('name', text.variable);
          const { what, why, remedy, requestId } = text;
          if (text.ending === 'fault')
            throw new DeliveryError({ code: 'ACCESS_DENIED', what, why, remedy, requestId });
          if (text.ending === 'error') throw new Error(what);
          return text.summary;
        });

        const ending = { summary: [], fault: ['task.logissue'], error: ['task.logissue', 'task.debug'] };
        assert.deepEqual(
          told.commands.map(({ name }) => name),
          [
            'task.logissue',
            'task.setvariable',
            'task.setvariable',
            ...ending[text.ending as keyof typeof ending],
            'task.addattachment',
            'task.uploadsummary',
            'task.complete',
          ],
        );
        const [, variable, output] = told.commands;
        assert.deepEqual(variable, {
          name: 'task.setvariable',
          properties: { variable: 'NAME' },
          data: text.variable,
        });
        assert.deepEqual(output?.properties, { variable: 'name', isOutput: 'true' });
        assert.equal(
          told.commands.at(-1)?.properties.result,
          text.ending === 'summary' ? 'Succeeded' : 'Failed',
        );
        assert.equal(told.marked.length, 2);
        for (const line of told.plain) assert.match(line.replaceAll('\t', ''), harmless);
      }),
      { numRuns: 150 },
    );
  });
});
