import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { renderedIcons, renderIcon } from '../../scripts/rendered-icons.ts';
import { findTaskFolders } from '../../scripts/task-folders.ts';
import { root } from './repository.ts';

describe('icons', () => {
  for (const { png, svg, size } of renderedIcons) {
    it(`${png} is ${svg}, ${size} pixels wide and high`, async () => {
      const image = await readFile(join(root, png));
      assert(image.equals(await renderIcon(root, svg, size)), 'npm run icons');
      // PNG, 11.2.2 IHDR: width and height follow the signature and the chunk's length and type.
      assert.deepEqual([image.readUInt32BE(16), image.readUInt32BE(20)], [size, size]);
    });
  }

  it('are there for every task, and every drawing is used', async () => {
    const icons = renderedIcons.map(({ png }) => png as string);
    for (const { path } of await findTaskFolders(join(root, 'tasks'))) {
      assert(icons.includes(`tasks/${path}/icon.png`), path);
    }
    const drawings = (await readdir(join(root, 'images'))).filter((file) => file.endsWith('.svg'));
    const used = new Set(renderedIcons.map(({ svg }) => svg));
    assert.deepEqual(drawings.map((file) => `images/${file}`).sort(), [...used].sort());
  });
});
