import assert from 'node:assert/strict';
import { literalPattern, matchesPattern, patternOf, plainText } from '../../../../sandbox/aws/iam/pattern.ts';

const table: readonly [pattern: string, text: string, matches: boolean][] = [
  ['', '', true],
  ['', 'a', false],
  ['abc', 'abc', true],
  ['abc', 'ABC', false],
  ['abc', 'abcd', false],
  ['abcd', 'abc', false],
  ['*', '', true],
  ['*', 'anything at all', true],
  ['a*', 'a', true],
  ['a*', 'ba', false],
  ['*a', 'bca', true],
  ['*a', 'ab', false],
  ['a*c', 'abbbc', true],
  ['a*c', 'abbb', false],
  ['a*b*c', 'a1b2b3c', true],
  ['*ab*ab', 'abab', true],
  ['*ab*ab', 'ab', false],
  ['**', 'x', true],
  ['?', '', false],
  ['?', 'a', true],
  ['?', '🔑', true],
  ['??', '🔑', false],
  ['a?c', 'abc', true],
  ['a?c', 'ac', false],
  ['?*', 'a', true],
  ['*?', '', false],
  ['a.c', 'abc', false],
  ['[a]', 'a', false],
  ['sc://contoso/*', 'sc://contoso/shop/a\nb', true],
  ['sc://contoso/shop/*', 'sc://contoso/shopping/aws', false],
];

describe('patterns', () => {
  for (const [pattern, text, expected] of table) {
    it(`${JSON.stringify(pattern)} ${expected ? 'matches' : 'does not match'} ${JSON.stringify(text)}`, () => {
      assert.equal(matchesPattern(text, patternOf(pattern)), expected);
    });
  }

  it('takes a literal * for itself', () => {
    assert.equal(matchesPattern('a*', literalPattern('a*')), true);
    assert.equal(matchesPattern('ab', literalPattern('a*')), false);
  });

  it('gives back its text where no wildcards are known', () => {
    assert.equal(plainText(patternOf('a*b?')), 'a*b?');
  });

  it('is quick where patterns are made to be slow', () => {
    const started = performance.now();
    assert.equal(matchesPattern('a'.repeat(2000), patternOf(`${'a*'.repeat(200)}b`)), false);
    assert.ok(performance.now() - started < 2000);
  });
});
