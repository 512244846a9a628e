import { dirname } from 'node:path';

/** The repository these tests run in. */
export const root = dirname(dirname(import.meta.dirname));
