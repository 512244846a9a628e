/** The world file that the command line names. */
import { existsSync } from 'node:fs';
import { FileFault } from '../../checked-yaml.ts';
import { loadWorld, type World } from '../../world.ts';

/** @throws FileFault where the file is not there, or cannot be used */
export function readWorld(file: string): Promise<World> {
  if (!existsSync(file)) throw new FileFault([`${file} is not there; --world names the world to run in`]);
  return loadWorld(file);
}
