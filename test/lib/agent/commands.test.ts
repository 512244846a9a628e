import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import fc from 'fast-check';
import { formatCommand } from '../../../lib/agent/commands.ts';
import { readAsAgent } from './agent-parser.ts';
import { hostileText } from './hostile-text.ts';

// Apart from the library's entry, which loads the environment of a step.
const { commandFromString } = createRequire(import.meta.url)(
  'azure-pipelines-task-lib/taskcommand.js',
) as typeof import('azure-pipelines-task-lib/taskcommand.js');

describe('a logging command', () => {
  it('is written with its properties and data', () => {
    assert.equal(
      formatCommand('task.setvariable', { variable: 'NAME', isOutput: 'true' }, 'a value'),
      '##vso[task.setvariable variable=NAME;isOutput=true;]a value',
    );
  });

  it('leaves out properties without a value', () => {
    assert.equal(
      formatCommand('task.logissue', { type: 'error', code: undefined, id: '' }),
      '##vso[task.logissue type=error;]',
    );
    assert.equal(formatCommand('task.debug', {}, 'x'), '##vso[task.debug]x');
  });

  it('escapes what would end a property or the line', () => {
    assert.equal(
      formatCommand('a.b', { name: 'x]y;z%3B\r\n' }, 'x]y;z%3B\r\n'),
      '##vso[a.b name=x%5Dy%3Bz%AZP253B%0D%0A;]x]y;z%AZP253B%0D%0A',
    );
  });

  it('is one command of one line whatever its values are, and they come back unchanged', () => {
    fc.assert(
      fc.property(hostileText, hostileText, (property, data) => {
        const line = formatCommand('task.setvariable', { variable: property }, data);
        const { commands, marked, plain } = readAsAgent(line);
        assert.deepEqual([commands.length, marked, plain], [1, [], []]);
        assert.equal(commands[0]?.name, 'task.setvariable');
        assert.deepEqual(commands[0]?.properties, property ? { variable: property } : {});
        assert.equal(commands[0]?.data, data);
      }),
      { numRuns: 500 },
    );
  });

  it("is read by Microsoft's library as it was meant", () => {
    fc.assert(
      fc.property(hostileText, hostileText, (property, data) => {
        const command = commandFromString(formatCommand('task.logissue', { type: property }, data));
        assert.equal(command.command, 'task.logissue');
        // The library trims white space around properties; the agent does not.
        assert.equal(command.properties.type?.trimEnd(), property ? property.trimEnd() : undefined);
        assert.equal(command.message, data);
      }),
      { numRuns: 500 },
    );
  });
});
