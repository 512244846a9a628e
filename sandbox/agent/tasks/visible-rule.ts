/** `visibleRule`: when an input is shown, written over the values of other inputs. */

const comparisons: Readonly<Record<string, (value: string, written: string) => boolean>> = {
  '=': (value, written) => value === written,
  '==': (value, written) => value === written,
  '!=': (value, written) => value !== written,
  in: (value, written) => written.split(',').some((one) => one.trim() === value),
  notin: (value, written) => written.split(',').every((one) => one.trim() !== value),
  startswith: (value, written) => value.startsWith(written),
  notstartswith: (value, written) => !value.startsWith(written),
  endswith: (value, written) => value.endsWith(written),
  notendswith: (value, written) => !value.endsWith(written),
  contains: (value, written) => value.includes(written),
  notcontains: (value, written) => !value.includes(written),
};

const clause = /^\s*(\w+)\s*(!=|==?|\b(?:not)?(?:in|startswith|endswith|contains)\b)\s*(.*?)\s*$/i;

/**
 * Whether an input is shown. Letter case is ignored, as the editor ignores it.
 *
 * @param rule clauses joined by `&&` or by `||`; the schema has no brackets, and `&&` binds harder
 * @param inputValue the value of another input, empty where it has none
 * @throws where the rule cannot be read
 * @see azure-pipelines-task-lib, tasks.schema.json, visibleRule
 */
export function isVisible(rule: string, inputValue: (input: string) => string): boolean {
  // Every clause is looked at, so that a mistake in one is found whatever the others say.
  const alternatives = rule.split('||').map((all) => all.split('&&').map((one) => holds(one, inputValue)));
  return alternatives.some((all) => all.every(Boolean));
}

function holds(written: string, inputValue: (input: string) => string): boolean {
  const [, input, operator, value] = clause.exec(written) ?? [];
  const compare = operator === undefined ? undefined : comparisons[operator.toLowerCase()];
  if (input === undefined || value === undefined || compare === undefined) {
    throw new Error(`visibleRule clause "${written.trim()}" is not of the form input = value`);
  }
  return compare(inputValue(input).toLowerCase(), value.replace(/^(["'])(.*)\1$/, '$2').toLowerCase());
}
