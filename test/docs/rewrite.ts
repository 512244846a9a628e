import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './documents.ts';

/** Replaces the text of the blocks that a mark stands before: `<!-- kind: name -->`. */
export function writeBlock(file: string, kind: string, name: string, text: string): void {
  const path = join(root, file);
  const block = new RegExp(`(<!-- ${kind}: ${name} -->\\n\`\`\`\\w+\\n)[^]*?(\`\`\`\\n)`, 'g');
  const written = readFileSync(path, 'utf8');
  writeFileSync(
    path,
    written.replace(block, (_, before, after) => `${before}${text}\n${after}`),
  );
}
