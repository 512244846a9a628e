import assert from 'node:assert/strict';
import { leaks } from './leaks.ts';

const secret = 'wJalrXUt/nFEMI+K7MDENG "bPxRfiCY';
const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('The search for leaks', () => {
  const forms: Record<string, string> = {
    'as it is': `key=${secret};`,
    'in JSON': JSON.stringify({ secret }),
    'URL-encoded': `https://example.com/?key=${encodeURIComponent(secret)}`,
    'in base64': base64(secret),
    'in base64, behind one character': base64(`:${secret}`),
    'in base64, in the middle of something': base64(`user:${secret}, and more`),
    'in base64url': Buffer.from(`agent:${secret}`).toString('base64url'),
    'in hexadecimal': Buffer.from(`00${secret}00`).toString('hex'),
  };
  for (const [form, text] of Object.entries(forms)) {
    it(`finds a secret ${form}`, () => {
      assert.notDeepEqual(leaks(new Map([['the log', text]]), ['something else', secret]), []);
    });
  }

  it('finds a token by its signature alone', () => {
    const signature = 'c2lnbmF0dXJlIG9mIGEgdG9rZW4';
    const token = `eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzYzovL2EvYi9jIn0.${signature}`;
    assert.equal(leaks(new Map([['the log', `…${signature}`]]), [token]).length, 1);
    assert.deepEqual(leaks(new Map([['the log', 'eyJhbGciOiJSUzI1NiJ9']]), [token]), []);
  });

  it('names the place and the form, and never the secret', () => {
    const [found = ''] = leaks(new Map([['temp/state.json', secret]]), ['something else', secret]);
    assert.equal(found, 'temp/state.json holds secret 2 of 2 (as it is)');
  });

  it('finds nothing in what only looks like one', () => {
    const other = 'wJalrXUt/nFEMI+K8MDENG "bPxRfiCY';
    const text = [other, base64(other), encodeURIComponent(other), '***'].join('\n');
    assert.deepEqual(leaks(new Map([['the log', text]]), [secret]), []);
  });
});
