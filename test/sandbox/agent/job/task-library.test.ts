import assert from 'node:assert/strict';
import { parseWorld } from '../../../../sandbox/world.ts';
import { contosoYaml } from '../../contoso.ts';
import { localRuns, outputOf } from '../local-runs.ts';

const world = () =>
  parseWorld(
    contosoYaml.replace(
      'connections:',
      `connections:
  keys:
    id: 7a1b2c3d-4e5f-4061-8273-94a5b6c7d8e9
    type: AWS
    scheme: UsernamePassword
    parameters: { username: AKIAEXAMPLE, password: keys-secret }
    data: { region: eu-west-1 }`,
    ),
    'contoso.yml',
  );

describe('Microsoft’s own task library', () => {
  const { suite, run } = localRuns(world);

  it('finds everything where it looks for it, and is understood', async () => {
    const { step, job } = await run(
      '- task: Library@1\n  name: lib\n  inputs: { connection: keys }\n- bash: echo "$NEXT"\n',
      {
        variables: { 'some.plain': 'p', 'some.secret': { value: 'hush-hush', secret: true } },
      },
    );
    assert.deepEqual(JSON.parse(job.outputs['lib.said'] ?? '{}'), {
      url: 'https://aws.amazon.com/',
      scheme: 'UsernamePassword',
      authorization: { parameters: { username: '***', password: '***' }, scheme: 'UsernamePassword' },
      user: '***',
      region: 'eu-west-1',
      plain: 'p',
      secret: true,
      names: ['System.AccessToken', 'some.secret'],
      token: true,
      proxy: suite.sandbox.proxyUrl,
      bypassed: null,
      ca: suite.sandbox.caFile,
      seen: [],
    });
    assert.deepEqual(outputOf(step('Bash')), ['semi;colon]and%percent', 'line']);
    assert.ok(step('lib').log.includes('***'), 'the secret that it set is masked');
    assert.deepEqual(step('lib').commands.at(-1), {
      area: 'task',
      event: 'complete',
      properties: { result: 'SucceededWithIssues' },
      data: 'done; [with] issues',
      outcome: 'done',
    });
    assert.equal(step('lib').result, 'SucceededWithIssues');
  });
});
