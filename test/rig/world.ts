/** The world of a test: contoso.yml, with what is different in this one test. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { parseWorld, type World } from '../../sandbox/world.ts';

/** Laid over the world file: maps are joined, `null` takes a key away, anything else replaces what is there. */
export interface Patch {
  readonly [key: string]: unknown;
}

const file = join(import.meta.dirname, 'contoso.yml');
const text = readFileSync(file, 'utf8');

/** @throws FileFault where the patched world is none */
export function contoso(patch: Patch = {}): World {
  return parseWorld(stringify(joined(parse(text), patch)), file);
}

function joined(value: unknown, patch: unknown): unknown {
  if (!isMap(patch)) return patch;
  const result: Record<string, unknown> = isMap(value) ? { ...value } : {};
  for (const [key, change] of Object.entries(patch)) {
    if (change === null) delete result[key];
    else result[key] = joined(result[key], change);
  }
  return result;
}

function isMap(value: unknown): value is Patch {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
