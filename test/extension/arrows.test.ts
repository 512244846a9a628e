import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from './repository.ts';
import { importsOf, readSources, type Sources } from './source-imports.ts';

/** Folders that anybody could take out of this repository: they are given what they need. */
const ownPackages = ['oci', 'notary', 'kubernetes', 'findings'];

/**
 * The arrows of the house go one way: tasks → lib → npm. The sandbox judges lib and the tasks, so it shares nothing
 * with them.
 *
 * @param shipped packages that the tasks are shipped with; the others are there for development only
 * @returns every import that goes another way, as `file → target: reason`
 */
function wrongArrows(sources: Sources, shipped: ReadonlySet<string>): string[] {
  return [...sources].flatMap(([path, source]) =>
    importsOf(path, source).flatMap(({ from }) => {
      const reason = whyWrong(path, from, shipped);
      return reason ? [`${path} → ${from}: ${reason}`] : [];
    }),
  );
}

function whyWrong(path: string, from: string, shipped: ReadonlySet<string>): string | undefined {
  const [room = '', part = ''] = path.split('/');
  const [target = '', targetPart = ''] = from.split('/');
  const isFile = from.endsWith('.ts');
  const isPackage = !isFile && !from.startsWith('node:');

  if (room === 'tasks') {
    if (isFile && target === 'tasks' && part !== targetPart) return 'what tasks share belongs into lib';
    if (isFile && target !== 'tasks' && target !== 'lib') return 'tasks are made of lib alone';
  }
  if (room === 'lib') {
    if (isFile && target !== 'lib') return 'lib stands on npm alone';
    if (ownPackages.includes(part) && (from.startsWith('lib/agent/') || from === 'azure-pipelines-task-lib'))
      return `${part} knows nothing of the agent`;
    if (from === 'azure-pipelines-task-lib' && part !== 'agent') return 'only lib/agent speaks to the agent';
  }
  if ((room === 'lib' || room === 'tasks') && isPackage && !shipped.has(from))
    return 'not among the dependencies in package.json';
  if (room === 'sandbox' && isFile && target !== 'sandbox')
    return 'the sandbox shares nothing with what it judges';
  if (room === 'scripts' && isFile && target === 'test') return 'tests use scripts, not the other way round';
  return undefined;
}

describe('the arrows of the house', () => {
  const shipped = new Set(['zod']);
  const wrong: Record<string, [path: string, source: string]> = {
    'lib imports the sandbox': ['lib/aws/sts.ts', `import { startSandbox } from '../../sandbox/sandbox.ts';`],
    'lib imports a type of a task': ['lib/a/b.ts', `import type { A } from '../../tasks/T/TV1/main.ts';`],
    'a task imports another': ['tasks/A/AV1/main.ts', `import { b } from '../../B/BV1/main.ts';`],
    'a task imports the sandbox on the way': [
      'tasks/A/AV1/main.ts',
      `await import('../../../sandbox/http.ts');`,
    ],
    'the sandbox imports lib': ['sandbox/a.ts', `import {\n  type A,\n  b,\n} from '../lib/aws/index.ts';`],
    'the sandbox passes lib on': ['sandbox/a.ts', `export { a } from '../lib/aws/index.ts';`],
    'oci knows the agent': ['lib/oci/a.ts', `import { log } from '../agent/index.ts';`],
    'the task library outside lib/agent': [
      'lib/aws/a.ts',
      `import * as t from 'azure-pipelines-task-lib/task.js';`,
    ],
    'lib needs a development package': ['lib/aws/a.ts', `import 'mocha/lib/x.js';`],
    'a script needs a test': ['scripts/a.ts', `import { root } from '../test/extension/repository.ts';`],
  };
  for (const [what, [path, source]] of Object.entries(wrong)) {
    it(`go wrong when ${what}`, () => {
      assert.equal(wrongArrows(new Map([[path, source]]), shipped).length, 1);
    });
  }

  it('all go one way', async () => {
    const { dependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    const sources = await readSources(root, ['tasks', 'lib', 'sandbox', 'scripts']);
    assert(sources.has('lib/errors/index.ts') && sources.has('sandbox/sandbox.ts'));
    assert.deepEqual(wrongArrows(sources, new Set(Object.keys(dependencies))), []);
  });
});
