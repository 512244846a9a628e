import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SessionCredentials } from '../../../../lib/aws/index.ts';
import type { DeliveryError } from '../../../../lib/errors/index.ts';
import type { MachineCredentials } from '../../../../lib/identity/federation.ts';
import { withFileLock } from '../../../../lib/identity/renewal/file-lock.ts';
import {
  currentCredentials,
  profileFiles,
  type RenewalState,
  writeSession,
} from '../../../../lib/identity/renewal/index.ts';
import { readRenewalState } from '../../../../lib/identity/renewal/renewal-state.ts';
import { readSession } from '../../../../lib/identity/renewal/session-cache.ts';
import { Loopback } from '../../network/loopback.ts';
import { tempFolderOfEachTest, tree } from '../hand-off/temp-folder.ts';
import { azureDevOps, deployer, jwtOf, managedIdentity, payloads, roleNamed, settings } from '../samples.ts';

const hour = 3600_000;

describe('the credentials of a job', () => {
  const temp = tempFolderOfEachTest();
  const { AWS_ENDPOINT_URL_STS: endpointBefore } = process.env;
  let loopback: Loopback;
  let state: RenewalState;
  let tokenStatus: number;
  let tokensAsked: number;
  /** What STS was asked for, in order. */
  let assumed: string[];
  let files: ReturnType<typeof profileFiles>;
  let warnings: string[];

  before(async () => {
    loopback = new Loopback();
    const tokens = await loopback.http((_request, response) => {
      tokensAsked++;
      const exp = Math.floor(Date.now() / 1000) + 300;
      response.writeHead(tokenStatus);
      response.end(
        tokenStatus === 200 ? JSON.stringify({ oidcToken: jwtOf({ ...payloads.vstoken, exp }) }) : '',
      );
    });
    const sts = await loopback.http((request, response) => {
      let body = '';
      request.on('data', (text) => {
        body += text;
      });
      request.on('end', () => {
        const form = new URLSearchParams(body);
        const role = form.get('RoleArn')?.split('/').at(-1) ?? '';
        assumed.push(`${form.get('Action')} ${role}`);
        response.end(`<Arn>arn:aws:sts::111122223333:assumed-role/${role}/x</Arn>
<AccessKeyId>ASIA-${role}-${assumed.length}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>
<SessionToken>t</SessionToken><Expiration>${new Date(Date.now() + hour).toISOString()}</Expiration>`);
      });
    });
    process.env.AWS_ENDPOINT_URL_STS = `http://127.0.0.1:${sts.port}`;
    state = {
      settings: {
        ...settings,
        origin: {
          kind: 'idToken',
          source: { ...azureDevOps, url: `http://127.0.0.1:${tokens.port}/oidctoken` },
        },
      },
      network: { proxy: undefined, caFiles: [] },
    };
  });
  after(() => {
    if (endpointBefore === undefined) delete process.env.AWS_ENDPOINT_URL_STS;
    else process.env.AWS_ENDPOINT_URL_STS = endpointBefore;
    return loopback.close();
  });

  beforeEach(() => {
    tokenStatus = 200;
    tokensAsked = 0;
    assumed = [];
    warnings = [];
    const folder = join(temp(), 'profile');
    mkdirSync(folder);
    files = profileFiles(folder);
    writeFileSync(files.state, JSON.stringify(state));
  });

  /** Puts a session at hand that was issued an hour before its end. */
  function atHand(secondsLeft: number): SessionCredentials {
    const end = Date.now() + secondsLeft * 1000;
    const credentials = {
      accessKeyId: 'ASIA-at-hand',
      secretAccessKey: 's',
      sessionToken: 't',
      expiration: new Date(end),
    };
    writeSession(files.session, credentials, new Date(end - hour));
    return credentials;
  }
  const machine: MachineCredentials = () => assert.fail('the machine was asked');
  const ask = () => currentCredentials(files.state, machine, (text) => warnings.push(text));
  const keyOf = async () => (await ask()).accessKeyId;

  it('are those of the session at hand while it is fresh, and nobody is asked', async () => {
    const credentials = atHand(1500);
    rmSync(files.state);
    assert.deepEqual(await ask(), credentials);
    assert.deepEqual([tokensAsked, assumed], [0, []]);
  });

  for (const [what, prepare] of [
    ['there is none', () => {}],
    ['it is no longer fresh', () => void atHand(1100)],
    ['it has ended', () => void atHand(-10)],
    ['it cannot be read', () => writeFileSync(files.session, '{"accessKeyId":')],
  ] as const) {
    it(`are renewed where ${what}, and kept`, async () => {
      prepare();
      const credentials = await ask();
      assert.equal(credentials.accessKeyId, 'ASIA-deployer-1');
      assert.deepEqual(readSession(files.session)?.credentials, credentials);
      assert.equal(await keyOf(), 'ASIA-deployer-1');
      assert.deepEqual([tokensAsked, assumed, warnings], [1, ['AssumeRoleWithWebIdentity deployer'], []]);
      assert.deepEqual(tree(temp()), {
        'profile/': '755',
        'profile/session.json': '600',
        'profile/state.json': '644',
      });
    });
  }

  it('are renewed once, however many ask at once', async () => {
    atHand(-10);
    const keys = await Promise.all(Array.from({ length: 12 }, keyOf));
    assert.deepEqual([...new Set(keys)], ['ASIA-deployer-1']);
    assert.deepEqual([tokensAsked, assumed.length], [1, 1]);
  });

  it('are those of the last role of a chain', async () => {
    const roles = [deployer, roleNamed('packer'), roleNamed('publisher')];
    writeFileSync(files.state, JSON.stringify({ ...state, settings: { ...state.settings, roles } }));
    assert.equal(await keyOf(), 'ASIA-publisher-3');
    assert.deepEqual(assumed, [
      'AssumeRoleWithWebIdentity deployer',
      'AssumeRole packer',
      'AssumeRole publisher',
    ]);
  });

  it('of a machine are looked for where the step looked, and lead to the role', async () => {
    const environment = { AWS_PROFILE: 'agent' };
    const origin = { kind: 'machine', environment };
    writeFileSync(files.state, JSON.stringify({ ...state, settings: { ...state.settings, origin } }));
    const looked: unknown[] = [];
    const found = { accessKeyId: 'ASIA-machine', secretAccessKey: 's' };
    const credentials = await currentCredentials(
      files.state,
      async (where) => {
        looked.push(where);
        return found;
      },
      (text) => warnings.push(text),
    );
    assert.deepEqual(looked, [environment]);
    assert.equal(credentials.accessKeyId, 'ASIA-deployer-1');
    assert.deepEqual([tokensAsked, assumed], [0, ['AssumeRole deployer']]);
  });

  describe('when they cannot be renewed', () => {
    beforeEach(() => {
      tokenStatus = 401;
    });

    it('are those at hand for as long as these live, with a warning', async () => {
      const { expiration } = atHand(600);
      assert.equal(await keyOf(), 'ASIA-at-hand');
      assert.equal(warnings.length, 1);
      assert(warnings[0]?.includes(expiration.toISOString()));
      assert.match(warnings[0] ?? '', /Azure DevOps refused to issue an ID token \(status 401\)/);
    });

    it('are none once these have ended, and the reason is told', async () => {
      atHand(3);
      await assert.rejects(ask(), ({ code }: DeliveryError) => code === 'ID_TOKEN_REFUSED');
      assert.deepEqual(warnings, []);
    });

    it('leave no lock behind', async () => {
      await assert.rejects(ask());
      await assert.rejects(ask());
      assert.equal(tokensAsked, 2);
    });
  });

  describe('while another process renews them', () => {
    /** Holds the lock until it is told that the other process is done. */
    function otherProcess() {
      let done = () => {};
      const holding = withFileLock(files.lock, { staleAfter: 60, patience: 1 }, () => {
        return new Promise<void>((resolve) => {
          done = resolve;
        });
      });
      return {
        finish: () => {
          done();
          return holding;
        },
      };
    }

    it('are those at hand where these live long enough, at once and without a warning', async () => {
      atHand(600);
      const other = otherProcess();
      const started = Date.now();
      assert.equal(await keyOf(), 'ASIA-at-hand');
      assert(Date.now() - started < 500);
      await other.finish();
      assert.deepEqual([tokensAsked, warnings], [0, []]);
    });

    it('are what that process brings, where these end soon', async () => {
      atHand(30);
      const other = otherProcess();
      const asking = keyOf();
      await new Promise((resolve) => setTimeout(resolve, 50));
      writeSession(
        files.session,
        {
          accessKeyId: 'ASIA-theirs',
          secretAccessKey: 's',
          sessionToken: 't',
          expiration: new Date(Date.now() + hour),
        },
        new Date(),
      );
      await other.finish();
      assert.equal(await asking, 'ASIA-theirs');
      assert.equal(tokensAsked, 0);
    });
  });

  it('are none after the job: its files are gone', async () => {
    rmSync(join(temp(), 'profile'), { recursive: true });
    await assert.rejects(ask(), { code: 'ENOENT' });
    assert.deepEqual(tree(temp()), {});
  });

  it('are none where the state is gone', async () => {
    rmSync(files.state);
    await assert.rejects(ask(), { code: 'ENOENT' });
  });
});

describe('the state for renewing', () => {
  const temp = tempFolderOfEachTest();
  const file = () => join(temp(), 'state.json');
  const whole: RenewalState = {
    settings: {
      ...settings,
      roles: [deployer, roleNamed('packer')],
      externalId: 'shop:42',
      allowedAccounts: ['111122223333'],
    },
    network: {
      proxy: {
        url: 'http://proxy.corp:3128',
        username: 'agent',
        password: 'p@ss',
        bypass: { form: 'agent', patterns: ['\\.corp'] },
      },
      caFiles: ['/agent/ca.pem'],
    },
  };

  const states: Record<string, RenewalState> = {
    'with everything': whole,
    'with what must be there': {
      ...whole,
      settings: { ...settings, externalId: undefined, sessionDuration: undefined },
      network: { proxy: undefined, caFiles: [] },
    },
    'of a managed identity': {
      ...whole,
      settings: { ...settings, origin: { kind: 'idToken', source: managedIdentity } },
    },
    'of a system-assigned identity on App Service, with its secret header': {
      ...whole,
      settings: {
        ...settings,
        origin: {
          kind: 'idToken',
          source: {
            ...managedIdentity,
            clientId: undefined,
            url: 'http://127.0.0.1:41741/msi/token',
            headers: { 'x-identity-header': 'secret' },
          },
        },
      },
    },
    'of stored keys': {
      ...whole,
      settings: {
        ...settings,
        origin: {
          kind: 'keys',
          keys: { accessKeyId: 'AKIA', secretAccessKey: 's', sessionToken: undefined },
          named: 'the service connection',
        },
      },
    },
    'of the keys of a session': {
      ...whole,
      settings: {
        ...settings,
        roles: [],
        origin: {
          kind: 'keys',
          keys: { accessKeyId: 'ASIA', secretAccessKey: 's', sessionToken: 't' },
          named: 'the variable AWS.AccessKeyID',
        },
      },
    },
    'of a machine': {
      ...whole,
      settings: {
        ...settings,
        origin: { kind: 'machine', environment: { AWS_PROFILE: 'agent', HOME: '/home/agent' } },
      },
    },
    'with everything that restricts a session': {
      ...whole,
      settings: {
        ...settings,
        restrictions: {
          tags: { project: 'shop' },
          transitiveTagKeys: ['project'],
          policy: '{}',
          policyArns: ['arn:aws:iam::aws:policy/ReadOnlyAccess'],
        },
      },
    },
    'with the standard variables of a proxy': {
      ...whole,
      network: {
        proxy: { url: 'http://proxy:1', bypass: { form: 'no_proxy', entries: ['.corp'] } },
        caFiles: [],
      },
    },
  };
  for (const [what, state] of Object.entries(states)) {
    it(`${what} comes back from its file as it was`, () => {
      const json = JSON.stringify(state);
      writeFileSync(file(), json);
      assert.deepEqual(readRenewalState(file()), JSON.parse(json));
    });
  }

  it('is not read from a file that is not ours', () => {
    for (const content of [
      '',
      '{}',
      JSON.stringify({ ...whole, settings: { ...whole.settings, origin: {} } }),
    ]) {
      writeFileSync(file(), content);
      assert.throws(() => readRenewalState(file()));
    }
  });
});
