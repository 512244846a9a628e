/** What the steps left in the temp folder, before the agent empties it. */
import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SecretMasker } from '../log/masker.ts';
import type { TempEntry } from '../record.ts';

/** Content is listed of files up to this size. */
const largestContent = 64 * 1024;

/** Lists everything below a folder, parents first, in the order of names. */
export async function listTemp(folder: string, masker: SecretMasker, below = ''): Promise<TempEntry[]> {
  // What cannot be read is listed all the same: a step may have taken its own permissions away.
  const names = await readdir(join(folder, below)).catch(() => []);
  const entries: TempEntry[] = [];
  for (const name of names.sort()) {
    const path = below === '' ? name : `${below}/${name}`;
    const file = join(folder, path);
    const status = await lstat(file);
    const common = { path, size: status.size, mode: status.mode & 0o777 };
    if (status.isDirectory()) {
      entries.push({ ...common, kind: 'folder', maskedCount: 0 }, ...(await listTemp(folder, masker, path)));
    } else if (status.isSymbolicLink()) {
      entries.push({ ...common, kind: 'link', maskedCount: 0 });
    } else if (status.isFile() && status.size <= largestContent) {
      const content = await readFile(file, 'utf8').catch(() => undefined);
      const { text, count } = masker.mask(content ?? '');
      entries.push({
        ...common,
        kind: 'file',
        ...(content !== undefined && { content: text }),
        maskedCount: count,
      });
    } else {
      entries.push({ ...common, kind: 'file', maskedCount: 0 });
    }
  }
  return entries;
}
