import assert from 'node:assert/strict';
import { colouredLine, rawLine } from '../../../../sandbox/agent/terminal/log-view.ts';

const at = new Date('2026-11-21T11:19:00.123Z');
/** The line behind its dimmed time. */
const shown = (text: string) => colouredLine({ at, text })?.slice('\u001b[2m00:00:00\u001b[0m '.length);

describe('a line of the log', () => {
  it('is raw where it is not for a terminal: a timestamp, then the line as it is', () => {
    assert.equal(rawLine({ at, text: '##[error]bad' }), '2026-11-21T11:19:00.1230000Z ##[error]bad');
  });

  it('is coloured by its tag on a terminal', () => {
    assert.equal(shown('##[section]Starting: x'), '\u001b[1;32mStarting: x\u001b[0m');
    assert.equal(shown('##[error]bad'), '\u001b[31merror: bad\u001b[0m');
    assert.equal(shown('##[warning]odd'), '\u001b[33mwarning: odd\u001b[0m');
    assert.equal(shown('##[group]Details'), '\u001b[1m▸ Details\u001b[0m');
    assert.equal(shown('[command]bash x'), '\u001b[36mbash x\u001b[0m');
    assert.equal(shown('##[other]x'), '##[other]x');
    assert.equal(shown('plain'), 'plain');
  });

  it('that only ends a group is not shown there', () => assert.equal(shown('##[endgroup]'), undefined));

  it('keeps colours of its own, and cannot rewrite the terminal otherwise', () => {
    assert.equal(shown('\u001b[31mred\u001b[0m'), '\u001b[31mred\u001b[0m');
    assert.equal(shown('a\u001b]0;title\u0007b\u001b[2J\bc\td'), 'a\ufffd]0;title\ufffdb\ufffd[2J\ufffdc\td');
  });
});
