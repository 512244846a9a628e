import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Resvg } from '@resvg/resvg-js';

/** Every PNG that Azure DevOps or the Marketplace shows, and the drawing it is made from. */
export const renderedIcons = [
  // The Marketplace asks for 128 × 128 and, on the extension's own page, for something larger.
  { png: 'images/icon.png', svg: 'images/icon.svg', size: 128 },
  { png: 'images/icon-large.png', svg: 'images/icon.svg', size: 512 },
  // A task's icon is a file of this name and size beside its task.json.
  { png: 'tasks/AwsFederate/AwsFederateV1/icon.png', svg: 'images/aws-federate.svg', size: 32 },
] as const;

/** Draws the SVG at `root`/`svg` as a square PNG, `size` pixels wide. Same drawing, same bytes. */
export async function renderIcon(root: string, svg: string, size: number): Promise<Buffer> {
  const drawing = await readFile(join(root, svg), 'utf8');
  return new Resvg(drawing, { fitTo: { mode: 'width', value: size } }).render().asPng();
}
