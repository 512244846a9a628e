import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { documents, root } from './documents.ts';

const repository = 'https://github.com/keyless-delivery/keyless-delivery';

/** Texts of the product that send people to the documents. */
const sources = [
  'vss-extension.json',
  'tasks/AwsFederate/AwsFederateV1/task.json',
  'tasks/door.cjs',
  'lib/agent/run-task.ts',
];

describe('links', () => {
  for (const { file, links, anchors } of documents) {
    it(`of ${file} resolve`, () => {
      const broken = links.filter((link) => {
        if (link.startsWith('#')) return !anchors.has(link.slice(1));
        return !resolves(pathOf(link, dirname(file)));
      });
      assert.deepEqual(broken, []);
    });
  }

  for (const source of sources) {
    it(`of ${source} into the repository resolve`, () => {
      const links = readFileSync(join(root, source), 'utf8').match(
        /https:\/\/github\.com\/keyless-delivery[^\s"'\\<)]*/g,
      );
      assert.ok(links, 'there is a link');
      assert.deepEqual(
        links.filter((link) => !resolves(pathOf(link, ''))),
        [],
      );
    });
  }

  it('are found broken where they are', () => {
    assert.ok(!resolves(pathOf('trust.md#no-such-heading', 'docs')));
    assert.ok(!resolves(pathOf('no-such-file.md', 'docs')));
    assert.ok(!resolves(pathOf(`${repository}/blob/main/docs/no-such-file.md`, '')));
    assert.ok(resolves(pathOf('https://example.com/', '')));
  });
});

/** A link's path in this repository, or undefined where it leads elsewhere. */
function pathOf(link: string, folder: string): string | undefined {
  const [, ours] =
    new RegExp(
      `^(?:${repository}/(?:blob|tree|raw)|https://raw.githubusercontent.com/[^/]+/[^/]+)/main/(.*)$`,
    ).exec(link) ?? [];
  if (ours !== undefined) return ours;
  return /^[a-z]+:/.test(link) ? undefined : normalize(join(folder, link)).replaceAll('\\', '/');
}

function resolves(path: string | undefined): boolean {
  if (path === undefined) return true;
  const [file = '', anchor] = path.split('#');
  if (!existsSync(join(root, file))) return false;
  return (
    anchor === undefined ||
    (documents.find((document) => document.file === file)?.anchors.has(anchor) ?? false)
  );
}
