import assert from 'node:assert/strict';
import { parseTaskDefinition } from '../../../../sandbox/agent/tasks/definition.ts';
import { resolveInputs } from '../../../../sandbox/agent/tasks/inputs.ts';

const options = { simple: 'Simple', full: 'Full' };
const definition = parseTaskDefinition(
  JSON.stringify({
    id: '3c409d85-6f4e-4ea1-8d97-803f5e1ba244',
    name: 'T',
    version: { Major: 1, Minor: 0, Patch: 0 },
    inputs: [
      { name: 'kind', type: 'pickList', options, defaultValue: 'simple' },
      { name: 'free', type: 'pickList', options, properties: { EditableOptions: 'True' } },
      { name: 'several', type: 'pickList', options, properties: { MultiSelect: 'true' } },
      { name: 'remote', type: 'pickList', defaultValue: '' },
      { name: 'needed', type: 'string', required: true, aliases: ['alias', 'other'] },
      { name: 'whenFull', type: 'string', required: true, visibleRule: 'kind = full' },
      { name: 'flag', type: 'boolean', defaultValue: true },
      { name: 'count', type: 'int', defaultValue: 3 },
    ],
  }),
  'task.json',
);
const resolve = (written: Record<string, string>) => {
  const { values, faults, warnings } = resolveInputs(definition, new Map(Object.entries(written)));
  return { values: Object.fromEntries(values), faults, warnings };
};

describe('inputs', () => {
  it('have their defaults, shown or not, and are trimmed', () => {
    assert.deepEqual(resolve({ needed: ' x\n' }), {
      values: {
        ...{
          kind: 'simple',
          free: '',
          several: '',
          remote: '',
          needed: 'x',
          whenFull: '',
          flag: 'true',
          count: '3',
        },
      },
      faults: [],
      warnings: [],
    });
  });

  it('may be written by an alias, in any letter case', () => {
    assert.equal(resolve({ ALIAS: 'x' }).values.needed, 'x');
    assert.equal(resolve({ NEEDED: 'x' }).values.needed, 'x');
  });

  it('may not be written by two names', () => {
    const { faults } = resolve({ alias: 'x', other: 'y' });
    assert.deepEqual(faults, ["input 'other' is 'alias' by another name; write one of them"]);
  });

  it('that the task does not know are a warning, and reach it', () => {
    const { values, faults, warnings } = resolve({ needed: 'x', extra: ' y ' });
    assert.deepEqual(warnings, ["Unexpected input 'extra': T@1 has no such input."]);
    assert.deepEqual([values.extra, faults], ['y', []]);
  });

  it('are required where they are shown', () => {
    assert.deepEqual(resolve({}).faults, ["input 'needed' is required"]);
    assert.deepEqual(resolve({ needed: 'x', kind: 'FULL' }).faults, ["input 'whenFull' is required"]);
    assert.deepEqual(resolve({ needed: '$(maybe)' }).faults, []);
  });

  it('of lists have values of the list, unless others may be written', () => {
    assert.deepEqual(resolve({ needed: 'x', kind: 'odd' }).faults, [
      "input 'kind' is 'odd'; write one of simple, full",
    ]);
    assert.deepEqual(resolve({ needed: 'x', kind: 'Simple', free: 'odd', remote: 'odd' }).faults, []);
    assert.deepEqual(resolve({ needed: 'x', several: 'simple, full' }).faults, []);
    assert.deepEqual(resolve({ needed: 'x', several: 'simple,odd' }).faults, [
      "input 'several' is 'odd'; write one of simple, full",
    ]);
  });

  it('of a type have values of the type, unless a macro says so later', () => {
    assert.deepEqual(resolve({ needed: 'x', flag: 'yes', count: '1.5' }).faults, [
      "input 'flag' is 'yes'; write true or false",
      "input 'count' is '1.5'; write a whole number",
    ]);
    assert.deepEqual(resolve({ needed: 'x', flag: 'False', count: '-1', kind: '$(kind)' }).faults, []);
  });
});
