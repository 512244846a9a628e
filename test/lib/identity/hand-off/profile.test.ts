import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DeliveryError } from '../../../../lib/errors/index.ts';
import {
  isProfileName,
  type ProfileHandOff,
  profileVariables,
  removeProfile,
  writeProfile,
} from '../../../../lib/identity/hand-off/profile.ts';
import { settings } from '../samples.ts';
import { contents, tempFolderOfEachTest, tree } from './temp-folder.ts';

const node = '/agent/node';
const script = '/agent/tasks/credential-process.js';
const state = {
  settings,
  network: { proxy: undefined, caFiles: ['/agent/ca.pem'] },
};

function handOff(profileName: string, more: Partial<ProfileHandOff> = {}): ProfileHandOff {
  return {
    profileName,
    region: 'eu-west-1',
    credentials: {
      accessKeyId: `ASIA-${profileName}`,
      secretAccessKey: `secret-${profileName}`,
      sessionToken: `token-${profileName}`,
      expiration: new Date('2099-01-01T00:00:00Z'),
    },
    renewal: { state, node, script },
    ...more,
  };
}
const still = { renewal: undefined };

describe('a profile', () => {
  const temp = tempFolderOfEachTest();
  const root = () => join(temp(), 'keyless-delivery');
  const read = (name: string) => readFileSync(join(root(), name), 'utf8');
  const command = (profile: string) => `${node} ${script} ${join(root(), 'profiles', profile, 'state.json')}`;

  it('that renews names the program that does it', () => {
    const variables = writeProfile(temp(), handOff('deployer'));
    assert.deepEqual(variables, {
      AWS_CONFIG_FILE: join(root(), 'config'),
      AWS_SHARED_CREDENTIALS_FILE: join(root(), 'credentials'),
      AWS_PROFILE: 'deployer',
      AWS_REGION: 'eu-west-1',
      AWS_DEFAULT_REGION: 'eu-west-1',
      AWS_SDK_LOAD_CONFIG: '1',
    });
    assert.deepEqual(Object.keys(variables), [...profileVariables]);
    assert.equal(
      read('config'),
      `[profile deployer]\nregion = eu-west-1\ncredential_process = ${command('deployer')}\n`,
    );
    // Empty, and there: keys stored under the same name elsewhere would win.
    assert.equal(read('credentials'), '');
    assert.deepEqual(JSON.parse(read('profiles/deployer/state.json')), JSON.parse(JSON.stringify(state)));
    assert.equal(JSON.parse(read('profiles/deployer/session.json')).accessKeyId, 'ASIA-deployer');
  });

  it('that does not renew holds the keys of its session, and no right to others', () => {
    writeProfile(temp(), handOff('deployer', still));
    assert.equal(read('config'), '[profile deployer]\nregion = eu-west-1\n');
    assert.equal(
      read('credentials'),
      '[deployer]\naws_access_key_id = ASIA-deployer\naws_secret_access_key = secret-deployer\naws_session_token = token-deployer\n',
    );
    assert.doesNotMatch(contents(temp()), /job-token/);
  });

  it('may be the default one', () => {
    writeProfile(temp(), handOff('default'));
    assert.match(read('config'), /^\[default\]\nregion/);
    writeProfile(temp(), handOff('default', still));
    assert.match(read('credentials'), /^\[default\]\naws_access_key_id/);
  });

  it('is for its user alone', () => {
    const umask = process.umask(0);
    try {
      writeProfile(temp(), handOff('deployer'));
      writeProfile(temp(), handOff('other', still));
    } finally {
      process.umask(umask);
    }
    assert.deepEqual(tree(temp()), {
      'keyless-delivery/': '700',
      'keyless-delivery/config': '600',
      'keyless-delivery/credentials': '600',
      'keyless-delivery/profiles/': '700',
      'keyless-delivery/profiles/deployer/': '700',
      'keyless-delivery/profiles/deployer/config.part': '600',
      'keyless-delivery/profiles/deployer/session.json': '600',
      'keyless-delivery/profiles/deployer/state.json': '600',
      'keyless-delivery/profiles/other/': '700',
      'keyless-delivery/profiles/other/config.part': '600',
      'keyless-delivery/profiles/other/credentials.part': '600',
    });
  });

  it('shares the files with the others of the job', () => {
    for (const [name, more] of [
      ['deployer', {}],
      ['config', {}],
      ['reader', still],
      ['publisher', still],
    ] as const) {
      writeProfile(temp(), handOff(name, { ...more, region: name === 'reader' ? 'us-east-1' : 'eu-west-1' }));
    }
    assert.equal(
      read('config'),
      [
        `[profile config]\nregion = eu-west-1\ncredential_process = ${command('config')}\n`,
        `[profile deployer]\nregion = eu-west-1\ncredential_process = ${command('deployer')}\n`,
        '[profile publisher]\nregion = eu-west-1\n',
        '[profile reader]\nregion = us-east-1\n',
      ].join('\n'),
    );
    assert.deepEqual(read('credentials').match(/^\[.*\]$/gm), ['[publisher]', '[reader]']);
  });

  describe('written again under its name', () => {
    it('leaves no keys from before, which would win over the renewing program', () => {
      writeProfile(temp(), handOff('deployer', still));
      writeProfile(temp(), handOff('deployer'));
      assert.equal(read('credentials'), '');
      assert.match(read('config'), /credential_process/);
    });

    it('leaves no right to renew from before', () => {
      writeProfile(temp(), handOff('deployer'));
      writeProfile(temp(), handOff('deployer', still));
      assert.doesNotMatch(read('config'), /credential_process/);
      assert.doesNotMatch(contents(temp()), /job-token/);
    });
  });

  describe('when it is removed', () => {
    it('leaves the others as they were', () => {
      writeProfile(temp(), handOff('deployer'));
      const [config, credentials] = [read('config'), read('credentials')];
      writeProfile(temp(), handOff('reader', still));
      removeProfile(temp(), 'reader');
      assert.deepEqual([read('config'), read('credentials')], [config, credentials]);
      assert.doesNotMatch(contents(temp()), /reader/);
    });

    it('leaves nothing if it was the last one', () => {
      writeProfile(temp(), handOff('deployer'));
      writeProfile(temp(), handOff('reader', still));
      removeProfile(temp(), 'deployer');
      removeProfile(temp(), 'reader');
      assert.deepEqual(readdirSync(temp()), []);
    });

    it('may be gone already', () => {
      removeProfile(temp(), 'deployer');
      writeProfile(temp(), handOff('reader'));
      removeProfile(temp(), 'deployer');
      assert.match(read('config'), /\[profile reader\]/);
    });

    it('takes a lock and half-written files with it', () => {
      writeProfile(temp(), handOff('deployer'));
      for (const name of ['lock', 'lock.1f2e', 'session.json.3a4b']) {
        writeFileSync(join(root(), 'profiles/deployer', name), 'secret');
      }
      removeProfile(temp(), 'deployer');
      assert.deepEqual(readdirSync(temp()), []);
    });
  });

  describe('that cannot be written', () => {
    function assertRefused(name: string): void {
      assert.throws(
        () => writeProfile(temp(), handOff(name)),
        (error) => {
          assert(error instanceof DeliveryError);
          assert.equal(error.code, 'HAND_OFF_FAILED');
          assert(error.fault.remedy?.includes(temp()));
          assert(error.cause instanceof Error && error.fault.why === error.cause.message);
          return true;
        },
      );
    }

    it('because its folder is a link follows it neither to write nor to remove', () => {
      const elsewhere = join(temp(), 'elsewhere');
      mkdirSync(join(elsewhere, 'profiles', 'deployer'), { recursive: true });
      writeFileSync(join(elsewhere, 'config'), 'untouched');
      symlinkSync(elsewhere, root());
      assertRefused('deployer');
      removeProfile(temp(), 'deployer');
      assert.deepEqual(Object.keys(tree(elsewhere)), ['config', 'profiles/', 'profiles/deployer/']);
      assert.equal(readFileSync(join(elsewhere, 'config'), 'utf8'), 'untouched');
    });

    it('because a file stands in the way leaves that file alone', () => {
      writeFileSync(root(), "somebody's");
      assertRefused('deployer');
      assert.equal(readFileSync(root(), 'utf8'), "somebody's");
    });

    it('because there is no temp folder leaves none', () => {
      const missing = join(temp(), 'file');
      writeFileSync(missing, '');
      assert.throws(() => writeProfile(missing, handOff('deployer')), DeliveryError);
      assert.deepEqual(readdirSync(temp()), ['file']);
    });

    it('leaves nothing of itself', () => {
      mkdirSync(join(root(), 'config'), { recursive: true });
      assertRefused('deployer');
      assert.deepEqual(readdirSync(temp()), []);
    });

    it('leaves nothing of itself beside others, and says why in the same words', () => {
      writeProfile(temp(), handOff('reader', still));
      const credentials = read('credentials');
      // From here on the shared file cannot be replaced.
      rmSync(join(root(), 'config'));
      mkdirSync(join(root(), 'config', 'x'), { recursive: true });
      assertRefused('deployer');
      assert(!existsSync(join(root(), 'profiles/deployer')));
      assert.doesNotMatch(contents(temp()), /job-token|secret-deployer/);
      assert.equal(read('credentials'), credentials);
    });
  });
});

describe('the name of a profile', () => {
  for (const name of ['deployer', 'default', 'config', 'a', '0', 'a.b_c-d@e+f', 'n'.repeat(64)]) {
    it(`may be ${name.slice(0, 20)}`, () => assert(isProfileName(name)));
  }
  for (const name of [
    '',
    ' ',
    '.',
    '..',
    '-a',
    'a b',
    'a/b',
    'a\\b',
    'a]b',
    'a\nb',
    'é',
    'n'.repeat(65),
    'a:b',
    '#a',
  ]) {
    it(`may not be ${JSON.stringify(name.slice(0, 20))}`, () => assert(!isProfileName(name)));
  }
});
