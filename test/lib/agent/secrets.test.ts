import assert from 'node:assert/strict';
import { derivedForms } from '../../../lib/agent/secrets.ts';

describe('the forms of a secret', () => {
  it('are those in which other programs print it', () => {
    const secret = 'pa/ss+w"ö?rd ?>~';
    const bytes = Buffer.from(secret);
    assert.match(bytes.toString('base64'), /[+/].*=$/);
    const forms = derivedForms(secret);
    for (const form of [
      secret,
      bytes.toString('base64'),
      bytes.toString('base64').replace(/=+$/, ''),
      bytes.toString('base64url'),
      encodeURIComponent(secret),
      'pa/ss+w\\"ö?rd ?>~',
    ]) {
      assert(forms.includes(form), form);
    }
  });

  it('are given once each', () => {
    const forms = derivedForms('plain-secret');
    assert.equal(new Set(forms).size, forms.length);
    assert.deepEqual(
      forms.filter((form) => form === 'plain-secret'),
      ['plain-secret'],
    );
  });

  it('of a secret with several lines are its lines, since the agent masks lines', () => {
    const forms = derivedForms('-----BEGIN KEY-----\r\nabcdefgh\n-----END KEY-----\n');
    assert(forms.includes('-----BEGIN KEY-----'));
    assert(forms.includes('abcdefgh'));
    assert(forms.every((form) => !/[\r\n]/.test(form)));
  });

  it('leave out what is too short to be unmistakable', () => {
    assert.deepEqual(derivedForms(''), []);
    assert.deepEqual(derivedForms('aws'), []);
    assert(derivedForms('secret').includes('secret'));
    assert(!derivedForms('abc\nlong enough').includes('abc'));
    assert(!derivedForms('        ').includes('        '));
  });

  it('exist of half a surrogate pair', () => {
    assert(derivedForms('secret\ud800').includes('secret%EF%BF%BD'));
  });
});
