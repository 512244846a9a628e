import type { FaultRow } from '../fault-row.ts';

/** The requests of a run that ends well, with those that were repeated. */
export const pastAll = (repeated: FaultRow['requests']): FaultRow['requests'] => ({
  oidctoken: 1,
  AssumeRoleWithWebIdentity: 1,
  GetCallerIdentity: 1,
  ...repeated,
});
