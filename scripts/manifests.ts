/** `npm run manifests`: writes tasks/shared-inputs.json into every task.json. */
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readSharedInputs, withSharedInputs } from './shared-inputs.ts';
import { findTaskFolders } from './task-folders.ts';

const root = dirname(import.meta.dirname);
const shared = await readSharedInputs(root);

for (const { folder, path, manifest } of await findTaskFolders(join(root, 'tasks'))) {
  await writeFile(
    join(folder, 'task.json'),
    `${JSON.stringify(withSharedInputs(manifest, shared), null, 2)}\n`,
  );
  console.log(`tasks/${path}/task.json`);
}
