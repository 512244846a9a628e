/** `npm run icons`: draws every PNG anew from its SVG in images/. */
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { renderedIcons, renderIcon } from './rendered-icons.ts';

const root = dirname(import.meta.dirname);

for (const { png, svg, size } of renderedIcons) {
  await writeFile(join(root, png), await renderIcon(root, svg, size));
  console.log(`${png}: ${size} × ${size} from ${svg}`);
}
