/** `npm run package [-- --publisher NAME]`: one VSIX in dist/, and the size of each of its parts. */
import { createHash } from 'node:crypto';
import { dirname, join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { kilobytes } from './sizes.ts';
import { packageExtension } from './vsix.ts';

const root = dirname(import.meta.dirname);

try {
  const { values } = parseArgs({ options: { publisher: { type: 'string' } } });
  const { file, bytes, parts } = await packageExtension(root, join(root, 'dist'), values.publisher);
  const width = Math.max(...parts.map(({ path }) => path.length));
  console.log(`${'part'.padEnd(width)}  ${'size'.padStart(10)}  ${'compressed'.padStart(10)}`);
  for (const { path, size, compressed } of parts) {
    const columns = [size, compressed].map((bytes) => kilobytes(bytes).padStart(10));
    console.log(`${path.padEnd(width)}  ${columns.join('  ')}`);
  }
  const digest = createHash('sha256').update(bytes).digest('hex');
  console.log(`\n${relative(process.cwd(), file)}: ${kilobytes(bytes.length)}, sha256 ${digest}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
