/** `npm run build`: every task into dist/tasks, one line each. */
import { dirname, join } from 'node:path';
import { buildTasks } from './build-tasks.ts';
import { kilobytes } from './sizes.ts';

const root = dirname(import.meta.dirname);

try {
  for (const { task, files } of await buildTasks(root, join(root, 'dist'))) {
    const bundles = [...files].filter(([path]) => path.endsWith('.js'));
    const total = bundles.reduce((sum, [, bytes]) => sum + bytes.length, 0);
    const parts = bundles.map(([path, bytes]) => `${path} ${kilobytes(bytes.length)}`);
    console.log(`${task.path}: ${kilobytes(total)} (${parts.join(', ')})`);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
