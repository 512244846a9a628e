// The SDK's default credential chain, apart from the other programs: 270 KB that only the identity `environment` loads.
export { machineCredentials } from '../../../lib/identity/machine-credentials.ts';
