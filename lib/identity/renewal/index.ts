export { currentCredentials, profileFiles } from './renew.ts';
export type { RenewalState } from './renewal-state.ts';
export { writeSession } from './session-cache.ts';
