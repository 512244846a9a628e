/** Where ministack is, if it is there. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

/** The command, or why there is none. `MINISTACK` names it; else it is looked for in the peers' cache. */
export function findMinistack(): { readonly command: string } | { readonly absent: string } {
  const command =
    process.env.MINISTACK ?? resolve(import.meta.dirname, '../../../.cache/peers/ministack/bin/ministack');
  if (existsSync(command)) return { command };
  return { absent: `ministack is not at ${command}` };
}
