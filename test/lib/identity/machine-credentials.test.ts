import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { machineCredentials } from '../../../lib/identity/machine-credentials.ts';
import { machineEnvironment, restoreMachineEnvironment } from '../../../lib/identity/machine-environment.ts';
import { openConnections } from '../../../lib/network/index.ts';
import { Loopback } from '../network/loopback.ts';
import { tempFolderOfEachTest } from './hand-off/temp-folder.ts';

describe("a machine's credentials", () => {
  const temp = tempFolderOfEachTest();
  const before = machineEnvironment(process.env);
  const connections = openConnections({});
  const loopback = new Loopback();
  afterEach(() => restoreMachineEnvironment(process.env, before));
  after(() => {
    connections.close();
    return loopback.close();
  });
  const find = (environment: Record<string, string>) =>
    machineCredentials({ HOME: temp(), AWS_EC2_METADATA_DISABLED: 'true', ...environment }, connections);

  it('are those of its variables', async () => {
    const { accessKeyId, secretAccessKey, sessionToken } = await find({
      AWS_ACCESS_KEY_ID: 'ASIA',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_SESSION_TOKEN: 'token',
    });
    assert.deepEqual([accessKeyId, secretAccessKey, sessionToken], ['ASIA', 'secret', 'token']);
  });

  it('are those of its profile files', async () => {
    const file = join(temp(), 'credentials');
    writeFileSync(file, '[agent]\naws_access_key_id = AKIA\naws_secret_access_key = secret\n');
    const found = await find({ AWS_PROFILE: 'agent', AWS_SHARED_CREDENTIALS_FILE: file });
    assert.deepEqual([found.accessKeyId, found.sessionToken], ['AKIA', undefined]);
  });

  it('are those of its container', async () => {
    const asked: (string | undefined)[] = [];
    const { port } = await loopback.http((request, response) => {
      asked.push(request.headers.authorization);
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify({
          AccessKeyId: 'ASIA',
          SecretAccessKey: 'secret',
          Token: 'token',
          Expiration: '2099-01-01T00:00:00Z',
        }),
      );
    });
    const found = await find({
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${port}/v1/credentials`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN: 'pod-token',
    });
    assert.deepEqual([found.accessKeyId, found.expiration], ['ASIA', new Date('2099-01-01T00:00:00Z')]);
    assert.deepEqual(asked, ['pod-token']);
  });

  it('are none where no place has any', async () => {
    await assert.rejects(find({}), { name: 'CredentialsProviderError' });
  });
});
