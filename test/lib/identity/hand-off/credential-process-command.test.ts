import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  credentialProcessCommand,
  pathWithoutSpaces,
  windowsLauncher,
} from '../../../../lib/identity/hand-off/credential-process-command.ts';
import { tempFolderOfEachTest, tree } from './temp-folder.ts';

const plain = {
  node: '/agent/externals/node20_1/bin/node',
  script: '/agent/_work/_tasks/AwsFederate_b2da/1.0.0/credential-process.js',
  stateFile: '/agent/_work/_temp/keyless-delivery/profiles/default/state.json',
};

describe('the command that renews', () => {
  const temp = tempFolderOfEachTest();

  describe('on POSIX', () => {
    it('is its three words where nothing in them needs a quote', () => {
      assert.equal(
        credentialProcessCommand(plain, temp(), 'linux'),
        `${plain.node} ${plain.script} ${plain.stateFile}`,
      );
      assert.deepEqual(tree(temp()), {});
    });

    it('is read by a shell as its three words, whatever is in them', () => {
      const program = {
        node: "/home/o'brien/agent one/node",
        script: '/work/$(touch evil)/`id`/"x"/credential-process.js',
        stateFile: '/tmp/a;b&c|d\\e*f#g/state.json',
      };
      const command = credentialProcessCommand(program, temp(), 'darwin');
      const words = execFileSync('/bin/sh', ['-c', `printf '%s\\0' ${command}`], { encoding: 'utf8' });
      assert.deepEqual(words.split('\0').slice(0, -1), Object.values(program));
    });
  });

  describe('on Windows', () => {
    it('is a launcher in the folder of the profile', () => {
      const command = credentialProcessCommand(plain, temp(), 'win32');
      assert.equal(command, join(temp(), 'credentials.cmd'));
      assert.equal(readFileSync(command, 'utf8'), windowsLauncher(plain));
      assert.deepEqual(tree(temp()), { 'credentials.cmd': '600' });
    });

    it('whose launcher quotes its words, says nothing of its own and speaks UTF-8', () => {
      const lines = windowsLauncher({
        node: 'C:\\agent one\\externals\\node24\\bin\\node.exe',
        script: 'C:\\agent one\\100%done\\credential-process.js',
        stateFile: 'D:\\a\\größe & co\\state.json',
      }).split('\r\n');
      assert.deepEqual(lines, [
        '@chcp 65001 >nul',
        '@"C:\\agent one\\externals\\node24\\bin\\node.exe" "C:\\agent one\\100%%done\\credential-process.js" "D:\\a\\größe & co\\state.json"',
        '',
      ]);
    });

    const long = 'C:\\agent one\\_work\\_temp\\keyless-delivery\\profiles\\p\\credentials.cmd';
    const unused = () => assert.fail('the long form will do');

    it('has a path without spaces: the long one where it has none', () => {
      const path = 'C:\\agent\\_work\\_temp\\credentials.cmd';
      assert.equal(pathWithoutSpaces(path, unused), path);
    });

    it('has a path without spaces: the short one where the long one has some', () => {
      const asked: string[] = [];
      const short = pathWithoutSpaces(long, (path) => {
        asked.push(path);
        return 'C:\\AGENTO~1\\_work\\_temp\\KEYLES~1\\profiles\\p\\CREDEN~1.CMD';
      });
      assert.equal(short, 'C:\\AGENTO~1\\_work\\_temp\\KEYLES~1\\profiles\\p\\CREDEN~1.CMD');
      assert.deepEqual(asked, [long]);
    });

    for (const [what, short] of [
      ['the drive has no short names', long],
      ['no short name could be had', ''],
      ['the short one has a quote', "C:\\O'BRIE~1\\credentials.cmd"],
    ] as const) {
      it(`says what to do where ${what}`, () => {
        assert.throws(
          () => pathWithoutSpaces(long, () => short),
          (error: Error) => error.message.includes(long) && /renew to false/.test(error.message),
        );
      });
    }

    it('says what to do where cmd.exe cannot be run', function () {
      if (process.platform === 'win32') this.skip();
      const folder = join(temp(), 'with space');
      mkdirSync(folder);
      assert.throws(() => credentialProcessCommand(plain, folder, 'win32'), /renew to false/);
    });
  });
});
