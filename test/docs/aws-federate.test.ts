import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { profileVariables, rivalVariables } from '../../lib/identity/hand-off/profile.ts';
import { documentOf, root } from './documents.ts';

interface Manifest {
  readonly inputs: readonly {
    readonly name: string;
    readonly aliases?: readonly string[];
    readonly defaultValue: string | boolean;
    readonly required: boolean;
    readonly options?: Readonly<Record<string, string>>;
  }[];
  readonly outputVariables: readonly { readonly name: string }[];
}

describe('docs/aws-federate.md', () => {
  const manifest: Manifest = JSON.parse(
    readFileSync(join(root, 'tasks/AwsFederate/AwsFederateV1/task.json'), 'utf8'),
  );

  it('has every input of the task with its aliases, and nothing else', () => {
    const written = rowsUnder('Inputs').map(([name = '', aliases = '']) => [name, namesIn(aliases)]);
    const real = manifest.inputs.map(({ name, aliases = [] }) => [`\`${name}\``, aliases]);
    assert.deepEqual(written.toSorted(), real.toSorted());
  });

  it('says which inputs are required, and the default of those that have one', () => {
    const written = new Map(rowsUnder('Inputs').map(([name = '', , otherwise = '']) => [name, otherwise]));
    for (const { name, defaultValue, required } of manifest.inputs) {
      const otherwise = written.get(`\`${name}\``);
      if (defaultValue !== '') assert.equal(otherwise, `\`${defaultValue}\``, name);
      else assert.equal(otherwise === 'required', required, name);
    }
  });

  it('names every choice of an input', () => {
    const written = new Map(rowsUnder('Inputs').map(([name = '', , , text = '']) => [name, namesIn(text)]));
    for (const { name, options = {} } of manifest.inputs) {
      for (const choice of Object.keys(options))
        assert.ok(written.get(`\`${name}\``)?.includes(choice), choice);
    }
  });

  it('has every output of the task, and nothing else', () => {
    const written = rowsUnder('Outputs').map(([name]) => name);
    assert.deepEqual(
      written.toSorted(),
      manifest.outputVariables.map(({ name }) => `\`${name}\``).toSorted(),
    );
  });

  it('has every variable that later steps find, and nothing else', () => {
    const written = rowsUnder('What later steps find').map(([name]) => name);
    assert.deepEqual(written.toSorted(), profileVariables.map((name) => `\`${name}\``).toSorted());
  });

  it('names every variable that is emptied because tools would prefer it', () => {
    const text = readFileSync(join(root, 'docs/aws-federate.md'), 'utf8');
    for (const name of rivalVariables) assert.ok(text.includes(`\`${name}\``), name);
  });
});

/** The rows, without headings, of the table under a heading of the task's page. */
function rowsUnder(heading: string): (readonly string[])[] {
  const table = documentOf('docs/aws-federate.md').tables.find(({ under }) => under.at(-1) === heading);
  assert.ok(table, `there is a table under "${heading}"`);
  return table.rows.slice(1);
}

/** The names in a cell: `a`, `b`. */
function namesIn(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
}
