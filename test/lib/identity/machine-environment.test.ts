import assert from 'node:assert/strict';
import { machineEnvironment, restoreMachineEnvironment } from '../../../lib/identity/machine-environment.ts';

describe('the environment of a machine', () => {
  it('is what says where its AWS credentials are, and no more', () => {
    assert.deepEqual(
      machineEnvironment({
        AWS_PROFILE: 'agent',
        AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://169.254.170.23/v1/credentials',
        HOME: '/home/agent',
        USERPROFILE: 'C:\\agent',
        AWS_SESSION_TOKEN: '',
        PATH: '/bin',
        HOMEBREW: 'x',
        LAWS_PROFILE: 'x',
      }),
      {
        AWS_PROFILE: 'agent',
        AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://169.254.170.23/v1/credentials',
        HOME: '/home/agent',
        USERPROFILE: 'C:\\agent',
      },
    );
  });

  it('comes back in a later process without what was set since', () => {
    const taken = machineEnvironment({ AWS_PROFILE: 'agent', HOME: '/home/agent' });
    const later = {
      AWS_PROFILE: 'keyless-delivery',
      AWS_CONFIG_FILE: '/temp/config',
      AWS_ACCESS_KEY_ID: 'ASIA',
      HOME: '/root',
      PATH: '/bin',
    };
    restoreMachineEnvironment(later, taken);
    assert.deepEqual(later, { AWS_PROFILE: 'agent', HOME: '/home/agent', PATH: '/bin' });
  });
});
