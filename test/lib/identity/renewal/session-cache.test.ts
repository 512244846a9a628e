import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import {
  isFresh,
  isUsable,
  readSession,
  writeSession,
} from '../../../../lib/identity/renewal/session-cache.ts';
import { tempFolderOfEachTest, tree } from '../hand-off/temp-folder.ts';

const issued = new Date('2026-11-21T10:00:00Z');
const secondsLater = (seconds: number) => new Date(issued.getTime() + seconds * 1000);
const credentials = {
  accessKeyId: 'ASIA',
  secretAccessKey: 'secret',
  sessionToken: 'token',
  expiration: secondsLater(3600),
};

describe('a session at hand', () => {
  const temp = tempFolderOfEachTest();
  const file = () => join(temp(), 'session.json');

  it('comes back as it was written, in a file of its user alone', () => {
    writeSession(file(), credentials, issued);
    assert.deepEqual(readSession(file()), { credentials, issued });
    assert.deepEqual(tree(temp()), { 'session.json': '600' });
  });

  const whole = {
    ...credentials,
    expiration: '2026-11-21T11:00:00.000Z',
    issued: '2026-11-21T10:00:00.000Z',
  };
  const unreadable: Record<string, string> = {
    'an empty file': '',
    'half a file': JSON.stringify(whole).slice(0, 60),
    'a list': '[]',
    null: 'null',
    'a session without a secret key': JSON.stringify({ ...whole, secretAccessKey: undefined }),
    'a session whose end is no text': JSON.stringify({ ...whole, expiration: 7 }),
  };
  for (const [what, content] of Object.entries(unreadable)) {
    it(`is none in ${what}`, () => {
      writeFileSync(file(), content);
      assert.equal(readSession(file()), undefined);
    });
  }

  it('may have no end, as keys that are no session have none, and then never needs another', () => {
    const keys = { accessKeyId: 'AKIA', secretAccessKey: 'secret' };
    writeSession(file(), keys, issued);
    const session = readSession(file());
    assert.deepEqual(session, { credentials: { ...keys, expiration: undefined }, issued });
    assert(isFresh(session, secondsLater(1e9).getTime()));
    assert(isUsable(session, secondsLater(1e9).getTime()));
  });

  it('is none without a file', () => assert.equal(readSession(file()), undefined));

  it('whose end is no time is neither fresh nor usable', () => {
    writeFileSync(file(), JSON.stringify({ ...whole, expiration: 'soon' }));
    const session = readSession(file());
    assert(session);
    assert(!isFresh(session, issued.getTime()));
    assert(!isUsable(session, issued.getTime()));
  });

  // Renewed below the lesser of twenty minutes and a third of its life.
  const margins: [life: number, margin: number][] = [
    [43200, 1200],
    [7200, 1200],
    [3601, 1200],
    [3600, 1200],
    [3000, 1000],
    [900, 300],
    [21, 7],
  ];
  for (const [life, margin] of margins) {
    it(`of ${life} s is fresh until ${margin} s before its end`, () => {
      const session = { credentials: { ...credentials, expiration: secondsLater(life) }, issued };
      const left = (seconds: number) => secondsLater(life - seconds).getTime();
      assert(isFresh(session, left(margin + 1)));
      assert(!isFresh(session, left(margin)));
      assert(!isFresh(session, left(margin - 1)));
      assert(!isFresh(session, left(-1)));
    });
  }

  it('is usable until five seconds before its end', () => {
    const session = { credentials, issued };
    assert(isUsable(session, secondsLater(3594).getTime()));
    assert(!isUsable(session, secondsLater(3595).getTime()));
  });

  it('is never seen half written', async () => {
    const writer = join(temp(), 'writer.mjs');
    buildSync({
      entryPoints: [join(import.meta.dirname, 'session-writer.ts')],
      outfile: writer,
      bundle: true,
      platform: 'node',
      format: 'esm',
    });
    writeSession(file(), { ...credentials, sessionToken: '' }, issued);
    const child = fork(writer, [file(), '80'], { execArgv: [] });
    let running = true;
    const exited = once(child, 'exit').then(([code]) => {
      running = false;
      return code;
    });
    const lengths = new Set<number>();
    while (running) {
      for (let i = 0; i < 20; i++) {
        const session = readSession(file());
        assert(session, 'half a session was seen');
        const { sessionToken = 'none' } = session.credentials;
        assert.match(sessionToken, /^(x*)$/);
        lengths.add(sessionToken.length);
      }
      await new Promise(setImmediate);
    }
    assert.equal(await exited, 0);
    assert(lengths.size > 1, 'no change was seen');
  });
});
