import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makePrivateFolder, writePrivateFile } from '../../../../lib/identity/hand-off/private-files.ts';
import { tempFolderOfEachTest, tree } from './temp-folder.ts';

describe('private files', () => {
  const temp = tempFolderOfEachTest();
  let umask: number;
  before(() => {
    umask = process.umask(0);
  });
  after(() => process.umask(umask));

  it('are readable by their owner only, whatever the umask', () => {
    writePrivateFile(join(temp(), 'file'), 'text');
    assert.deepEqual(tree(temp()), { file: '600' });
  });

  it('are replaced whole, with nothing left beside them', () => {
    const file = join(temp(), 'file');
    writeFileSync(file, 'old', { mode: 0o644 });
    writePrivateFile(file, 'new');
    assert.equal(readFileSync(file, 'utf8'), 'new');
    assert.deepEqual(tree(temp()), { file: '600' });
  });

  it('take the place of a link instead of following it', () => {
    const elsewhere = join(temp(), 'elsewhere');
    writeFileSync(elsewhere, 'untouched');
    symlinkSync(elsewhere, join(temp(), 'file'));
    writePrivateFile(join(temp(), 'file'), 'secret');
    assert.equal(readFileSync(elsewhere, 'utf8'), 'untouched');
    assert.equal(readFileSync(join(temp(), 'file'), 'utf8'), 'secret');
  });

  it('leave nothing behind when they cannot be written', () => {
    mkdirSync(join(temp(), 'file'));
    assert.throws(() => writePrivateFile(join(temp(), 'file'), 'secret'));
    assert.deepEqual(Object.keys(tree(temp())), ['file/']);
  });

  it('lie in folders that only their owner can enter', () => {
    makePrivateFolder(join(temp(), 'a', 'b'));
    assert.deepEqual(tree(temp()), { 'a/': '700', 'a/b/': '700' });
  });

  it('close a folder that was open to others', () => {
    mkdirSync(join(temp(), 'open'), { mode: 0o777 });
    makePrivateFolder(join(temp(), 'open'));
    assert.deepEqual(tree(temp()), { 'open/': '700' });
  });

  it('lie in no folder behind a link, nor in what is no folder', () => {
    mkdirSync(join(temp(), 'elsewhere'));
    symlinkSync(join(temp(), 'elsewhere'), join(temp(), 'link'));
    assert.throws(() => makePrivateFolder(join(temp(), 'link')), /not a folder/);
    writeFileSync(join(temp(), 'file'), '');
    assert.throws(() => makePrivateFolder(join(temp(), 'file')));
  });
});
