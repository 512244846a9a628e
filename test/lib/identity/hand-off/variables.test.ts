import assert from 'node:assert/strict';
import { parse } from 'yaml';
import {
  credentialVariables,
  environmentBlock,
  sdkVariables,
  toolkitVariables,
} from '../../../../lib/identity/hand-off/variables.ts';

const session = {
  accessKeyId: 'ASIA',
  secretAccessKey: 'secret',
  sessionToken: 'token',
  expiration: new Date('2099-01-01T00:00:00Z'),
};

describe('credentials as variables', () => {
  it('have the names that every AWS SDK reads', () => {
    assert.deepEqual(credentialVariables(sdkVariables, session, 'eu-west-1'), [
      { name: 'AWS_ACCESS_KEY_ID', value: 'ASIA', secret: false },
      { name: 'AWS_SECRET_ACCESS_KEY', value: 'secret', secret: true },
      { name: 'AWS_SESSION_TOKEN', value: 'token', secret: true },
      { name: 'AWS_REGION', value: 'eu-west-1', secret: false },
      { name: 'AWS_DEFAULT_REGION', value: 'eu-west-1', secret: false },
    ]);
  });

  it('or those that the tasks of AWS Toolkit read', () => {
    assert.deepEqual(credentialVariables(toolkitVariables, session, 'eu-west-1'), [
      { name: 'AWS.AccessKeyID', value: 'ASIA', secret: false },
      { name: 'AWS.SecretAccessKey', value: 'secret', secret: true },
      { name: 'AWS.SessionToken', value: 'token', secret: true },
      { name: 'AWS.Region', value: 'eu-west-1', secret: false },
    ]);
  });

  it('take away the session token of an earlier step where they have none', () => {
    const keys = { accessKeyId: 'AKIA', secretAccessKey: 'secret' };
    const token = credentialVariables(sdkVariables, keys, 'eu-west-1').find(({ name }) => /TOKEN/.test(name));
    assert.deepEqual(token, { name: 'AWS_SESSION_TOKEN', value: '', secret: true });
  });

  it('reach a script by a block that is YAML and names the secret ones, without their values', () => {
    const block = environmentBlock(credentialVariables(sdkVariables, session, 'eu-west-1'));
    assert.deepEqual(parse(block), [
      {
        script: '…',
        env: {
          AWS_SECRET_ACCESS_KEY: '$(AWS_SECRET_ACCESS_KEY)',
          AWS_SESSION_TOKEN: '$(AWS_SESSION_TOKEN)',
        },
      },
    ]);
  });
});
