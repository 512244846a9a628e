export { becomeRole, checkFederation, type RoleIdentity } from './become-role.ts';
export { openFederation } from './federation.ts';
export { readFederationSettings } from './federation-settings.ts';
export { isProfileName, rivalVariables, writeProfile } from './hand-off/profile.ts';
export { effectiveAudience } from './id-token.ts';
export { idTokenSource } from './id-token-source.ts';
