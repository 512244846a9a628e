import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseWorld } from '../../../../sandbox/world.ts';
import { contosoYaml, organizationId, productionId, projectId } from '../../contoso.ts';
import { localRuns, outputOf } from '../local-runs.ts';

const keysId = '7a1b2c3d-4e5f-4061-8273-94a5b6c7d8e9';

const world = () =>
  parseWorld(
    `${contosoYaml.replace('machine:', 'machine:\n  proxyUser: agent\n  proxyPassword: pa ss:word')}`.replace(
      'connections:',
      `connections:
  aws-keys:
    id: ${keysId}
    type: AWS
    scheme: UsernamePassword
    parameters: { username: AKIAEXAMPLE, password: keys-secret, 'assume role.arn': '' }
    data: { region: $(where) }`,
    ),
    'contoso.yml',
  );

describe('the environment of a step', () => {
  const { suite, run } = localRuns(world);

  /** Runs the task that writes down its environment. */
  async function settingsOf(inputs: string, more: Parameters<typeof run>[1] = {}, before = '') {
    const out = join(suite.folder, 'settings.json');
    const { result, printed } = await run(
      `variables: { where: $(place), place: eu-west-1, Some.Plain Name: 'a $(where)' }\nsteps:\n${before}- task: Settings@1\n  inputs:\n    out: ${out}\n${inputs}`,
      more,
    );
    assert.equal(result, 'Succeeded', printed.join('\n'));
    return JSON.parse(await readFile(out, 'utf8')) as {
      environment: Record<string, string>;
      workingDirectory: string;
    };
  }

  describe('that is a task', () => {
    it('has its inputs, defaults among them, trimmed, names in upper case with underscores', async () => {
      const { environment } = await settingsOf("    mode: $(mode)\n    extra: ' x '\n", {
        variables: { mode: 'full' },
      });
      const inputs = Object.entries(environment).filter(([name]) => name.startsWith('INPUT_'));
      assert.deepEqual(Object.fromEntries(inputs), {
        INPUT_OUT: join(suite.folder, 'settings.json'),
        INPUT_CONNECTION: '',
        INPUT_KEYS: '',
        INPUT_MODE: 'full',
        INPUT_SOME_THING_ELSE: 'padded',
        INPUT_EXTRA: 'x',
      });
    });

    it('has the connections that its inputs name, by GUID, and the system’s own', async () => {
      const { environment } = await settingsOf('    awsConnection: aws-production\n    keys: AWS-KEYS\n');
      const endpoints = Object.fromEntries(
        Object.entries(environment).filter(([name]) => name.startsWith('ENDPOINT_')),
      );
      const token = endpoints.ENDPOINT_AUTH_PARAMETER_SYSTEMVSSCONNECTION_ACCESSTOKEN ?? '';
      assert.ok(suite.sandbox.issuedSecrets.includes(token));
      const production = {
        roleArn: 'arn:aws:iam::111122223333:role/deployer',
        region: 'eu-west-1',
        sessionDuration: '3600',
      };
      const keys = { username: 'AKIAEXAMPLE', password: 'keys-secret', 'assume role.arn': '' };
      assert.deepEqual(endpoints, {
        [`ENDPOINT_URL_${productionId}`]: 'https://aws.amazon.com/',
        [`ENDPOINT_AUTH_${productionId}`]: '{"parameters":{},"scheme":"none"}',
        [`ENDPOINT_AUTH_SCHEME_${productionId}`]: 'none',
        [`ENDPOINT_DATA_${productionId}`]: JSON.stringify(production),
        [`ENDPOINT_DATA_${productionId}_ROLEARN`]: production.roleArn,
        [`ENDPOINT_DATA_${productionId}_REGION`]: 'eu-west-1',
        [`ENDPOINT_DATA_${productionId}_SESSIONDURATION`]: '3600',
        [`ENDPOINT_URL_${keysId}`]: 'https://aws.amazon.com/',
        [`ENDPOINT_AUTH_${keysId}`]: JSON.stringify({ parameters: keys, scheme: 'UsernamePassword' }),
        [`ENDPOINT_AUTH_SCHEME_${keysId}`]: 'UsernamePassword',
        [`ENDPOINT_AUTH_PARAMETER_${keysId}_USERNAME`]: 'AKIAEXAMPLE',
        [`ENDPOINT_AUTH_PARAMETER_${keysId}_PASSWORD`]: 'keys-secret',
        [`ENDPOINT_AUTH_PARAMETER_${keysId}_ASSUME_ROLE_ARN`]: '',
        [`ENDPOINT_DATA_${keysId}`]: '{"region":"eu-west-1"}',
        [`ENDPOINT_DATA_${keysId}_REGION`]: 'eu-west-1',
        ENDPOINT_URL_SYSTEMVSSCONNECTION: 'https://dev.azure.com/contoso/',
        ENDPOINT_AUTH_SYSTEMVSSCONNECTION: JSON.stringify({
          parameters: { AccessToken: token },
          scheme: 'OAuth',
        }),
        ENDPOINT_AUTH_SCHEME_SYSTEMVSSCONNECTION: 'OAuth',
        ENDPOINT_AUTH_PARAMETER_SYSTEMVSSCONNECTION_ACCESSTOKEN: token,
      });
      assert.deepEqual([environment.INPUT_CONNECTION, environment.INPUT_KEYS], [productionId, keysId]);
    });

    it('has plain variables by name, and secret ones apart', async () => {
      const { environment } = await settingsOf('', {
        variables: { 'my.secret': { value: 'hush', secret: true } },
      });
      assert.equal(environment.SOME_PLAIN_NAME, 'a eu-west-1');
      assert.equal(environment.SECRET_MY_SECRET, 'hush');
      assert.equal(environment.MY_SECRET, undefined);
      const names = (list: string): string[] => JSON.parse(environment[list] ?? '[]');
      assert.ok(names('VSTS_PUBLIC_VARIABLES').includes('Some.Plain Name'));
      assert.ok(!names('VSTS_PUBLIC_VARIABLES').includes('my.secret'));
      assert.deepEqual(names('VSTS_SECRET_VARIABLES').sort(), [
        'Agent.ProxyPassword',
        'System.AccessToken',
        'my.secret',
      ]);
    });

    it('has the proxy and the certificate authority as the agent gives them', async () => {
      const { environment } = await settingsOf('');
      assert.equal(environment.AGENT_PROXYURL, suite.sandbox.proxyUrl);
      assert.equal(environment.AGENT_PROXYUSERNAME, 'agent');
      assert.equal(environment.SECRET_AGENT_PROXYPASSWORD, 'pa ss:word');
      assert.equal(environment.AGENT_PROXYPASSWORD, undefined);
      assert.equal(environment.AGENT_PROXYBYPASSLIST, '["localhost","127\\\\.0\\\\.0\\\\.1"]');
      assert.equal(environment.AGENT_CAINFO, suite.sandbox.caFile);
    });

    it('has a working directory of its own where its task.json says so', async () => {
      const { workingDirectory } = await settingsOf('');
      assert.match(workingDirectory, /data\/tasks\/Settings\/SettingsV1$/);
    });

    it('has `env`, but not over a variable of the same name', async () => {
      const { environment } = await settingsOf('  env: { OWN: "[$(where)]", WHERE: elsewhere }\n');
      assert.deepEqual([environment.OWN, environment.WHERE], ['[eu-west-1]', 'eu-west-1']);
    });

    it('says what job it is', async () => {
      const { environment } = await settingsOf('');
      const work = join(suite.folder, '_work');
      const expected: Record<string, string> = {
        ...{
          TF_BUILD: 'True',
          SYSTEM_HOSTTYPE: 'build',
          SYSTEM_COLLECTIONURI: 'https://dev.azure.com/contoso/',
        },
        ...{
          SYSTEM_TEAMPROJECT: 'shop',
          SYSTEM_TEAMPROJECTID: projectId,
          SYSTEM_COLLECTIONID: organizationId,
        },
        ...{
          AGENT_WORKFOLDER: work,
          AGENT_TEMPDIRECTORY: join(work, '_temp'),
          AGENT_TOOLSDIRECTORY: join(work, '_tool'),
        },
        ...{ AGENT_BUILDDIRECTORY: join(work, '1'), SYSTEM_DEFAULTWORKINGDIRECTORY: join(work, '1', 's') },
        ...{
          BUILD_ARTIFACTSTAGINGDIRECTORY: join(work, '1', 'a'),
          BUILD_DEFINITIONNAME: 'test',
          BUILD_BUILDID: '1',
        },
        ...{ AGENT_JOBSTATUS: 'Succeeded', 'Agent.JobStatus': 'Succeeded', SYSTEM_PHASENAME: 'Job' },
      };
      assert.deepEqual(
        Object.fromEntries(Object.keys(expected).map((name) => [name, environment[name]])),
        expected,
      );
      const { SYSTEM_PLANID: plan, SYSTEM_JOBID: job } = environment;
      assert.equal(
        environment.SYSTEM_OIDCREQUESTURI,
        `https://dev.azure.com/contoso/${projectId}/_apis/distributedtask/hubs/build/plans/${plan}/jobs/${job}/oidctoken`,
      );
      assert.deepEqual(
        Object.keys(environment).filter((name) => name.startsWith('RELEASE_')),
        [],
      );
    });

    it('of a classic release says so, and has nothing of a build', async () => {
      const { environment } = await settingsOf('', { host: 'release' });
      assert.equal(environment.SYSTEM_HOSTTYPE, 'release');
      assert.equal(environment.RELEASE_RELEASENAME, 'Release-1');
      assert.equal(environment.SYSTEM_DEFAULTWORKINGDIRECTORY, join(suite.folder, '_work', 'r1', 'a'));
      assert.match(environment.SYSTEM_OIDCREQUESTURI ?? '', /\/hubs\/release\//);
      assert.equal(environment.SECRET_SYSTEM_ACCESSTOKEN, undefined);
      assert.deepEqual(
        Object.keys(environment).filter((name) => name.startsWith('BUILD_')),
        [],
      );
    });
  });

  describe('that is a script', () => {
    it('has no inputs, no secrets and no authorization', async () => {
      const { step } = await run('- script: env\n', { variables: { s: { value: 'hush', secret: true } } });
      const names = outputOf(step('CmdLine')).map((line) => line.replace(/=.*/, ''));
      assert.deepEqual(
        names.filter((name) => /^(INPUT|SECRET|ENDPOINT_AUTH)_/.test(name) || name === 'S'),
        [],
      );
      assert.ok(names.includes('AGENT_PROXYURL') && names.includes('TF_BUILD'));
    });

    it('gets a secret by `env`, or as a macro, masked wherever it is printed', async () => {
      const { step } = await run(
        '- script: echo "$MINE $(s) $(expr length $MINE)"\n  env: { MINE: $(s) }\n',
        {
          variables: { s: { value: 'hush-hush', secret: true } },
        },
      );
      assert.deepEqual(outputOf(step('CmdLine')), ['*** *** 9']);
    });
  });

  describe('of the machine', () => {
    it('has a company’s proxy and certificates, and nothing of the developer’s', async () => {
      process.env.AWS_PROFILE = 'developer';
      process.env.HTTPS_PROXY = 'http://developer.example';
      try {
        const { environment } = await settingsOf('');
        const proxy = new URL(environment.HTTPS_PROXY ?? '');
        assert.deepEqual([proxy.username, proxy.password], ['agent', 'pa%20ss%3Aword']);
        assert.equal(`${proxy.protocol}//${proxy.host}`, suite.sandbox.proxyUrl);
        assert.equal(environment.NODE_EXTRA_CA_CERTS, suite.sandbox.caFile);
        assert.equal(environment.AWS_CA_BUNDLE, suite.sandbox.caFile);
        assert.equal(environment.AWS_PROFILE, undefined);
        assert.notEqual(environment.HOME, process.env.HOME);
      } finally {
        delete process.env.AWS_PROFILE;
        delete process.env.HTTPS_PROXY;
      }
    });

    it('has neither where the world says so', async () => {
      suite.sandbox.world.machine.proxyVariables = false;
      try {
        const { environment } = await settingsOf('');
        assert.equal(environment.HTTPS_PROXY, undefined);
        assert.equal(environment.NODE_EXTRA_CA_CERTS, undefined);
        assert.equal(environment.AGENT_PROXYBYPASSLIST, undefined);
        assert.equal(environment.AGENT_PROXYURL, suite.sandbox.proxyUrl);
      } finally {
        suite.sandbox.world.machine.proxyVariables = true;
      }
    });

    it('may be given whole', async () => {
      const { environment } = await settingsOf('', {
        environment: { PATH: '/bin', HOME: '/h', MINE: 'yes' },
      });
      assert.deepEqual([environment.PATH, environment.HOME, environment.MINE], ['/bin', '/h', 'yes']);
    });
  });

  describe('after other steps', () => {
    it('has what they set: plain variables, task-wide ones not, paths first to last', async () => {
      const { environment } = await settingsOf(
        '',
        { environment: { PATH: '/usr/bin:/bin' } },
        `- script: |
    echo "##vso[task.setvariable variable=my.plain]one%3Btwo"
    echo "##vso[task.setvariable variable=my.secret;issecret=true]hush"
    echo "##vso[task.setvariable variable=MixedCase;preservecase=true]kept"
    echo "##vso[task.prependpath]/first"
    echo "##vso[task.prependpath]/second"
    echo "##vso[task.prependpath]/first"
`,
      );
      assert.equal(environment.MY_PLAIN, 'one;two');
      assert.equal(environment.SECRET_MY_SECRET, 'hush');
      assert.equal(environment.MixedCase, 'kept');
      assert.equal(environment.PATH, '/first:/second:/usr/bin:/bin');
    });
  });
});
