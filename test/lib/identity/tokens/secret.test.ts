import assert from 'node:assert/strict';
import { format, inspect } from 'node:util';
import { Secret } from '../../../../lib/identity/tokens/secret.ts';

describe('a secret', () => {
  const secret = new Secret('s3cret');

  it('is given out by name only', () => {
    assert.equal(secret.reveal(), 's3cret');
  });

  it('is shown nowhere else', () => {
    const shown = [
      `${secret}`,
      String(secret),
      JSON.stringify({ secret }),
      inspect({ secret }, { depth: 5, showHidden: true }),
      format('%s %o %j', secret, secret, secret),
      JSON.stringify({ ...secret }),
      new Error(`with ${secret}`).message,
    ];
    for (const text of shown) assert.doesNotMatch(text, /s3cret/);
  });
});
