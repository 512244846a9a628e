export { becomeRole, checkFederation, type RoleIdentity } from './become-role.ts';
export { type MachineCredentials, openFederation } from './federation.ts';
export type { FederationSettings } from './federation-settings.ts';
export { isProfileName, rivalVariables, writeProfile } from './hand-off/profile.ts';
export {
  credentialVariables,
  environmentBlock,
  type HandedVariable,
  sdkVariables,
  toolkitVariables,
} from './hand-off/variables.ts';
export { readFederationSettings } from './inputs/read-settings.ts';
export { effectiveAudience } from './tokens/id-token.ts';
