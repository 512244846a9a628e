import assert from 'node:assert/strict';
import { isVisible } from '../../../../sandbox/agent/tasks/visible-rule.ts';

const values: Record<string, string> = { identity: 'connection', handOff: 'profile,variables', empty: '' };
const visible = (rule: string) => isVisible(rule, (name) => values[name] ?? '');

describe('a visibleRule', () => {
  const rules: [rule: string, holds: boolean][] = [
    ['identity = connection', true],
    ['identity=connection', true],
    ['identity = Connection', true],
    ['identity == "connection"', true],
    ['identity != connection', false],
    ['identity = environment', false],
    ['empty = ', true],
    ['none != x', true],
    ['handOff contains variables', true],
    ['handOff notContains toolkit', true],
    ['identity in connection,environment', true],
    ['identity notIn connection, environment', false],
    ['identity startsWith conn', true],
    ['identity endsWith conn', false],
    ['identity = connection && empty = x', false],
    ['identity = x || handOff contains profile', true],
    ['identity = x && empty = || identity = connection', true],
  ];
  for (const [rule, holds] of rules) it(`${rule}: ${holds}`, () => assert.equal(visible(rule), holds));

  it('that cannot be read is a mistake of the task', () => {
    assert.throws(() => visible('identity'), /"identity" is not of the form input = value/);
    assert.throws(() => visible('a = b && !c'), /"!c"/);
  });
});
