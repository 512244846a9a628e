import assert from 'node:assert/strict';
import fc from 'fast-check';
import { escapeCommand, parseCommand, unescapeCommand } from '../../../../sandbox/agent/commands/command.ts';

/** A command as area, event, properties and data. */
function read(line: string, decodePercents = true) {
  const command = parseCommand(line, decodePercents);
  return command && [command.area, command.event, Object.fromEntries(command.properties), command.data];
}

describe('a logging command', () => {
  it('has area, event, properties and data', () => {
    assert.deepEqual(read('##vso[task.setvariable variable=a;isSecret=true]value'), [
      'task',
      'setvariable',
      { variable: 'a', issecret: 'true' },
      'value',
    ]);
  });

  it('may have no properties, and no data', () => {
    assert.deepEqual(read('##vso[task.debug]'), ['task', 'debug', {}, '']);
    assert.deepEqual(read('##vso[task.complete ]'), ['task', 'complete', {}, '']);
  });

  it('is found behind characters that a comparison by culture passes over', () => {
    assert.equal(read('##v\ufe0fs\u200bo[task.complete]')?.[1], 'complete');
    assert.equal(read('#\u00ad#vso\u2060[task.complete]')?.[1], 'complete');
    assert.equal(read('## vso[task.complete]'), undefined);
  });

  it('is found anywhere in a line', () => {
    assert.deepEqual(read('12:00 said: ##vso[build.addbuildtag]x]y'), ['build', 'addbuildtag', {}, 'x]y']);
  });

  const illegal = [
    'plain text',
    '##vso[task.debug without an end',
    '##vso[task]x',
    '##vso[task.a.b]x',
    '##vso[]x',
    '##vso[ task.debug]x',
    '##VSO[task.debug]x',
  ];
  for (const line of illegal) it(`is not "${line}"`, () => assert.equal(read(line), undefined));

  it('ignores letter case in names of properties, and takes the last of two', () => {
    assert.deepEqual(read('##vso[task.x Name=a;NAME=b]')?.[2], { name: 'b' });
  });

  it('keeps equals signs in values, and drops properties without a name or a value', () => {
    assert.deepEqual(read('##vso[task.x a=b=c;d=;=e;f;;g=h=]')?.[2], { a: 'b=c', g: 'h=' });
    // .NET's Split drops the empty parts that further signs make.
    assert.deepEqual(read('##vso[task.x a==b;=c=d;e==]')?.[2], { a: 'b', c: 'd' });
  });

  it('is unescaped: %3B %0D %0A %5D, and %AZP25 where percents are decoded', () => {
    const line = '##vso[task.x a=1%3B2%5D3]%0Aone%0D%0Atwo %AZP253B %3b';
    assert.deepEqual(read(line), ['task', 'x', { a: '1;2]3' }, '\none\r\ntwo %3B %3b']);
    assert.deepEqual(read(line, false)?.[3], '\none\r\ntwo %AZP253B %3b');
  });

  it('comes back from being escaped, whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        assert.equal(unescapeCommand(escapeCommand(text, true), true), text);
        assert.doesNotMatch(escapeCommand(text, true), /[;\r\n\]]/);
      }),
    );
  });
});
