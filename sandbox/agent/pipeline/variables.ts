/** The `variables` of a pipeline or a job: a map, or a list of names and values. */
import { parseVariableExpression } from '../expressions/conditions.ts';
import { Fields, textOf } from './fields.ts';
import type { VariableDeclaration } from './model.ts';
import type { Faults, Place, Source } from './source.ts';

const refused = {
  group: 'variable groups are kept by the service; write the variables here',
  template: 'templates are not read here; write the variables here',
};

/** Reads `variables`. */
export function readVariables(source: Source | undefined, fault: Faults): VariableDeclaration[] {
  if (source === undefined || (source.kind === 'text' && source.text === '')) return [];
  if (source.kind === 'map') {
    return source.entries.map(({ key, value, place }) =>
      declaration(key, textOf(value, `variable '${key}'`, fault), false, place, fault),
    );
  }
  if (source.kind === 'list') {
    return source.items.map((item) => {
      const fields = new Fields(item, 'a variable', ['name', 'value', 'readonly'], refused, fault);
      const name = fields.text('name') ?? '';
      return declaration(
        name,
        fields.text('value') ?? '',
        fields.boolean('readonly', false),
        fields.place,
        fault,
      );
    });
  }
  fault(source.place, "'variables' is a map of names and values, or a list of them");
  return [];
}

function declaration(
  name: string,
  text: string,
  readOnly: boolean,
  place: Place,
  fault: Faults,
): VariableDeclaration {
  if (name.trim() === '') fault(place, 'a variable has a name; write name: and value:');
  return { name, value: readValue(text, place, fault), readOnly, place };
}

/** `$[ ]` has to be the whole value (Define variables, "Runtime expression syntax"). */
function readValue(text: string, place: Place, fault: Faults): VariableDeclaration['value'] {
  const expression = /^\s*\$\[(.*)\]\s*$/s.exec(text)?.[1];
  if (expression === undefined) return text;
  try {
    return { expression: parseVariableExpression(expression) };
  } catch (error) {
    fault(place, error instanceof Error ? error.message : String(error));
    return '';
  }
}
