import assert from 'node:assert/strict';
import { root } from './repository.ts';
import { exportsOf, importsOf, readSources, type Sources } from './source-imports.ts';

/**
 * Types count as used where the file itself needs them: they describe what its functions take and give.
 *
 * @param entries files that are started or named by other means than an import
 * @returns every `file: name` that is exported and that no other file imports
 */
function unusedExports(sources: Sources, entries: (path: string) => boolean): string[] {
  const used = new Set<string>();
  for (const [path, source] of sources) {
    for (const { from, names } of importsOf(path, source))
      for (const name of names) used.add(`${from}: ${name}`);
  }
  return [...sources].flatMap(([path, source]) => {
    if (entries(path)) return [];
    const unused = exportsOf(source).filter(
      ({ name }) => !used.has(`${path}: ${name}`) && !used.has(`${path}: *`),
    );
    return unused.flatMap(({ name, isType, isPassedOn }) => {
      const mentions = source.match(new RegExp(`\\b${name}\\b`, 'g'))?.length ?? 0;
      return isType && (isPassedOn || mentions > 1) ? [] : [`${path}: ${name}`];
    });
  });
}

describe('exports', () => {
  const index = `export { a, b, type C } from './a.ts';`;
  const declared = [
    'export function a(): D {}',
    'export const b = 1;',
    'export interface C {}',
    'export interface D {}',
    'export type E = 1;',
    'export async function f() {}',
  ];

  it('are found unused in the file that declares them and in the index that passes them on', () => {
    const sources = new Map([
      ['lib/x/a.ts', declared.join('\n')],
      ['lib/x/index.ts', index],
      ['lib/y/b.ts', `import { b } from '../x/index.ts';`],
    ]);
    const unused = unusedExports(sources, () => false);
    assert.deepEqual(unused, ['lib/x/a.ts: E', 'lib/x/a.ts: f', 'lib/x/index.ts: a']);
  });

  it('all have a use', async () => {
    const sources = await readSources(root, ['tasks', 'lib', 'sandbox', 'scripts', 'test']);
    assert.deepEqual(
      unusedExports(sources, (path) => path.startsWith('test/')),
      [],
    );
  });
});
