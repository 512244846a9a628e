import assert from 'node:assert/strict';
import { parseVariableExpression } from '../../../../sandbox/agent/expressions/conditions.ts';
import { evaluate } from '../../../../sandbox/agent/expressions/evaluate.ts';
import { Dictionary, toText, type Value } from '../../../../sandbox/agent/expressions/values.ts';

const variables = new Dictionary([
  ['letters', 'ABC'],
  ['Number', '12'],
  ['empty', ''],
  ['Build.SourceBranch', 'refs/heads/main'],
]);
const dependencies = new Dictionary([
  [
    'A',
    new Dictionary([
      ['result', 'Succeeded'],
      ['outputs', new Dictionary([['step.x', 'one']])],
    ]),
  ],
  [
    'B',
    new Dictionary([
      ['result', 'Failed'],
      ['outputs', new Dictionary([])],
    ]),
  ],
]);

function evaluated(text: string): Value {
  const expression = parseVariableExpression(text);
  assert.ok(expression !== undefined, `${text} is not empty`);
  return evaluate(expression, { values: { variables, dependencies }, functions: new Map() });
}

/** Expression and value, in the words of the reference page or worked out from its tables. */
const examples: Record<string, [expression: string, value: string | boolean | number | null][]> = {
  literals: [
    ['true', true],
    ['FALSE', false],
    ['-1.2', -1.2],
    ['.5', 0.5],
    ["'It''s OK'", "It's OK"],
    ["''", ''],
    ['1.2.3', '1.2.3'],
  ],
  variables: [
    ['variables.letters', 'ABC'],
    ["variables['LETTERS']", 'ABC'],
    ["variables['Build.SourceBranch']", 'refs/heads/main'],
    ["variables['noSuch']", null],
    ['variables.noSuch.deeper', null],
  ],
  dependencies: [
    ["dependencies.A.outputs['step.x']", 'one'],
    ['dependencies.a.RESULT', 'Succeeded'],
    ["containsValue(dependencies.*.result, 'failed')", true],
    ["containsValue(dependencies.*.result, 'Canceled')", false],
    ["join('-', dependencies.*.result)", 'Succeeded-Failed'],
    ['length(dependencies.*.outputs.nothing)', 0],
  ],
  logic: [
    ["and(eq(variables.letters, 'abc'), eq(variables.number, 12))", true],
    ['and(true, 1, 0)', false],
    ["or(false, '', 'x')", true],
    ["or(0, '', variables.noSuch)", false],
    ['not(eq(1, 2))', true],
    ['xor(True, False)', true],
    ["xor('a', 1)", false],
  ],
  'logic that stops early': [
    ["and(false, gt(1, 'x'))", false],
    ["or(true, gt(1, 'x'))", true],
    ["in('a', 'A', gt(1, 'x'))", true],
    ["iif(true, 'yes', gt(1, 'x'))", 'yes'],
  ],
  'equality, the right side becoming what the left one is': [
    ["eq('ABC', 'abc')", true],
    ["eq(1, '1')", true],
    ["eq(1, ' 1,000 ')", false],
    ["eq(1000, ' 1,000 ')", true],
    ["eq(1, 'one')", false],
    ["eq('1', 1)", true],
    ["eq(true, 'false')", true],
    ["eq('True', true)", true],
    ["eq(variables.noSuch, '')", true],
    ["eq(variables.noSuch, 'x')", false],
    ["eq('', variables.noSuch)", true],
    ['eq(1.2.3, 1.2.3)', true],
    ["eq(1.2.0, '1.2')", false],
    ["ne(1, 'one')", true],
    ['ne(1, 2)', true],
    ['eq(variables, variables)', true],
    ['eq(split(variables.letters, 1), split(variables.letters, 1))', false],
  ],
  order: [
    ['ge(5, 5)', true],
    ['gt(5, 2)', true],
    ['le(2, 2)', true],
    ['lt(2, 5)', true],
    ["gt('b', 'A')", true],
    ["lt(9, '10')", true],
    ["lt('9', 10)", false],
    ['lt(1.2.3, 1.10.0)', true],
    ['gt(true, false)', true],
    ['ge(variables.noSuch, 0)', true],
  ],
  membership: [
    ["in('B', 'A', 'b', 'C')", true],
    ["in('D', 'A', 'B', 'C')", false],
    ["notIn('D', 'A', 'B', 'C')", true],
    ["notIn('a', 'A')", false],
  ],
  texts: [
    ["contains('ABCDE', 'bcd')", true],
    ["contains('ABCDE', 'x')", false],
    ["startsWith('ABCDE', 'ab')", true],
    ["endsWith('ABCDE', 'de')", true],
    ["endsWith('ABCDE', 'AB')", false],
    ["lower('FOO')", 'foo'],
    ["upper('bah')", 'BAH'],
    ["trim('  x ')", 'x'],
    ["replace('https://a/b', 'https://a', 'http://$&')", 'http://$&/b'],
    ["length('fabrikam')", 8],
    ["length('')", 0],
    ["format('Hello {0} {1} {0}', 'John', 'Doe')", 'Hello John Doe John'],
    ["format('{{ and }} {0}', true)", '{ and } True'],
    ["format('{0}', 1.50)", '1.5'],
    ["join(';', split('a,b c', ', '))", 'a;b;c'],
    ["split('a,b', ',')[1]", 'b'],
    ["split('a,b', ',')[2]", null],
    ["join(',', 'single')", 'single'],
    ["coalesce(variables.noSuch, variables.empty, 'literal')", 'literal'],
    ["coalesce(variables.noSuch, '')", ''],
    ["iif(eq(variables.letters, 'ABC'), 'yes', 'no')", 'yes'],
  ],
};

describe('expressions', () => {
  for (const [what, cases] of Object.entries(examples)) {
    describe(what, () => {
      for (const [expression, expected] of cases) {
        it(`${expression} is ${JSON.stringify(expected)}`, () => {
          const value = evaluated(expression);
          assert.deepEqual(typeof value === 'object' ? value && toText(value) : value, expected);
        });
      }
    });
  }

  describe('that cannot be evaluated', () => {
    const faults: [expression: string, message: string][] = [
      ["gt(1, 'x')", "Unable to convert from String to Number. Value: 'x'"],
      ["lt(1.2.3, 'x')", "Unable to convert from String to Version. Value: 'x'"],
      ["contains(variables, 'x')", 'Unable to convert from Object to String. Value: Object'],
      [
        'length(5)',
        "Kind 'Number' not supported. Only arrays, strings, dictionaries, or collections are supported for the length function.",
      ],
      ["format('{1}', 'a')", 'The following format string references more arguments than were supplied: {1}'],
      ["format('{', 'a')", 'The following format string is invalid: {'],
    ];
    for (const [expression, message] of faults) {
      it(`${expression}: ${message}`, () => assert.throws(() => evaluated(expression), { message }));
    }
  });

  describe('that cannot be read', () => {
    const reference = 'For more help, refer to https://go.microsoft.com/fwlink/?linkid=842996';
    const faults: [expression: string, description: string, symbol: string, position: number][] = [
      ['foo', 'Unrecognized value', 'foo', 1],
      ['foo(1)', 'Unrecognized value', 'foo', 1],
      ["eq($(x), 'a')", 'Unrecognized value', '$', 4],
      ['true && false', 'Unrecognized value', '&&', 6],
      ["eq('a', 'b", 'Unrecognized value', "'b", 9],
      ['1.2.3.4.5', 'Unrecognized value', '1.2.3.4.5', 1],
      ['-', 'Unrecognized value', '-', 1],
      ['eq', "Expected '(' to follow a function", 'eq', 1],
      ['eq(1)', 'Unexpected symbol', ')', 5],
      ['eq(1,)', 'Unexpected symbol', ')', 6],
      ['eq(1, 2, 3)', 'Unexpected symbol', ',', 8],
      ['eq(1 2)', 'Unexpected symbol', '2', 6],
      ['eq(1, 2))', 'Unexpected symbol', ')', 9],
      ['not()', 'Unexpected symbol', ')', 5],
      ['true false', 'Unexpected symbol', 'false', 6],
      ['eq(1, 2', 'Unclosed function', 'eq', 1],
      ["variables['x'", 'Unclosed indexer', '[', 10],
      ['variables.', "Expected a property name to follow the dereference operator '.'", '.', 10],
    ];
    for (const [expression, description, symbol, position] of faults) {
      it(`${expression}: ${description}`, () =>
        assert.throws(() => parseVariableExpression(expression), {
          message: `${description}: '${symbol}'. Located at position ${position} within expression: ${expression}. ${reference}`,
        }));
    }

    it('at more than 21,000 characters', () => {
      const longest = `'${'x'.repeat(20_998)}'`;
      assert.ok(parseVariableExpression(longest));
      assert.throws(() => parseVariableExpression(`${longest} `), /Exceeded max expression length 21000/);
    });

    it('at 50 levels and more', () => {
      const nested = (levels: number) => `${'not('.repeat(levels)}true${')'.repeat(levels)}`;
      assert.ok(parseVariableExpression(nested(49)));
      assert.throws(() => parseVariableExpression(nested(50)), /Exceeded max expression depth 50/);
    });

    it('because only the service could run them, with what to do', () => {
      assert.throws(() => parseVariableExpression("counter('a', 1)"), /write the number you mean/);
      assert.throws(() => parseVariableExpression('convertToJson(variables)'), /write the JSON/);
    });
  });

  it('may be empty', () => assert.equal(parseVariableExpression('  '), undefined));
});
