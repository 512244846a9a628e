import assert from 'node:assert/strict';
import { expandMacros } from '../../../../sandbox/agent/variables/macros.ts';

const values: Record<string, string> = { a: '1', b: '$(a)', empty: '', 'x.y': '2' };
const expand = (text: string) =>
  expandMacros(text, (name) => (Object.hasOwn(values, name) ? values[name] : undefined));

describe('macros', () => {
  const examples: [text: string, expanded: string, why: string][] = [
    ['$(a)-$(x.y)', '1-2', 'are replaced by the values of variables'],
    ['[$(empty)]', '[]', 'may be empty'],
    ['$(none) $()', '$(none) $()', 'stay where they name nothing'],
    ['$(b)', '$(a)', 'are replaced once: what a value holds is not looked at again'],
    ['$(none $(a))', '$(none 1)', 'are found inside what is none'],
    ['$(a', '$(a', 'need an end'],
    ['$$(a)$', '$1$', 'have nothing around them that counts'],
    ['`$(a)` $(pwd)', '`1` $(pwd)', 'leave command substitution alone'],
  ];
  for (const [text, expanded, why] of examples) {
    it(`${why}: ${text}`, () => assert.equal(expand(text), expanded));
  }
});
