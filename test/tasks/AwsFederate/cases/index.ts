import { checkOnly } from './check-only.ts';
import { endings } from './endings.ts';
import { handOff } from './hand-off.ts';
import { identities } from './identities.ts';
import { network } from './network.ts';
import { restrictions } from './restrictions.ts';
import { roles } from './roles.ts';
import { sessions } from './sessions.ts';
import type { TaskCase } from './task-case.ts';
import { tokens } from './tokens.ts';

export type { TaskCase } from './task-case.ts';

/** Every case of AwsFederate, by its subject. */
export const subjects: Readonly<Record<string, readonly TaskCase[]>> = {
  'ID tokens': tokens,
  identities,
  roles,
  sessions,
  'what restricts a session': restrictions,
  network,
  'hand-off': handOff,
  checkOnly,
  'the end of a job': endings,
};

export const cases: readonly TaskCase[] = Object.values(subjects).flat();
