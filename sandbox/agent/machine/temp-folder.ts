/** What the steps left in the temp folder, before the agent empties it. */
import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SecretMasker } from '../log/masker.ts';
import type { TempEntry } from '../record.ts';

/** Content is listed of files up to this size. */
const largestContent = 64 * 1024;

/** Lists everything below a folder, parents first, in the order of names. */
export async function listTemp(folder: string, masker: SecretMasker, below = ''): Promise<TempEntry[]> {
  const names = (await readdir(join(folder, below))).sort();
  const entries: TempEntry[] = [];
  for (const name of names) {
    const path = below === '' ? name : `${below}/${name}`;
    const file = join(folder, path);
    const status = await lstat(file);
    const common = { path, size: status.size, mode: status.mode & 0o777 };
    if (status.isDirectory()) {
      entries.push({ ...common, kind: 'folder', maskedCount: 0 }, ...(await listTemp(folder, masker, path)));
    } else if (status.isSymbolicLink()) {
      entries.push({ ...common, kind: 'link', maskedCount: 0 });
    } else if (status.isFile() && status.size <= largestContent) {
      const { text, count } = masker.mask(await readFile(file, 'utf8'));
      entries.push({ ...common, kind: 'file', content: text, maskedCount: count });
    } else {
      entries.push({ ...common, kind: 'file', maskedCount: 0 });
    }
  }
  return entries;
}
