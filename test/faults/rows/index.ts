import type { FaultRow } from '../fault-row.ts';
import { chainedRoleRows, handOffRows, identityRows, inputRows } from './after-the-role.ts';
import { cancellationRows } from './cancellation.ts';
import { idTokenRows } from './id-token.ts';
import { renewalRows } from './renewal.ts';
import { roleRows } from './role.ts';

/** Everything that can go wrong, in the order of the task's story. */
export const rows: readonly FaultRow[] = [
  ...[
    inputRows,
    idTokenRows,
    roleRows,
    chainedRoleRows,
    identityRows,
    handOffRows,
    cancellationRows,
    renewalRows,
  ],
].flat();
