import assert from 'node:assert/strict';
import { maySet } from '../../../../sandbox/agent/commands/restrictions.ts';

const allowing = (...settableVariables: string[]) => ({ commandsRestricted: false, settableVariables });

describe('settable variables', () => {
  it('are all without a list, and none with an empty one', () => {
    assert.equal(maySet('x', []), true);
    assert.equal(maySet('x', [{ commandsRestricted: true, settableVariables: undefined }]), true);
    assert.equal(maySet('x', [allowing()]), false);
  });

  it('are those of the list, by name or pattern, without letter case', () => {
    const list = [allowing('accountId', 'AWS_*', 'v?')];
    const names = ['ACCOUNTID', 'aws_region', 'v1', 'v12', 'XAWS_REGION', 'account.Id'];
    assert.deepEqual(
      names.filter((name) => maySet(name, list)),
      ['ACCOUNTID', 'aws_region', 'v1'],
    );
  });

  it('are those that every list allows', () => {
    assert.equal(maySet('a', [allowing('a', 'b'), allowing('a')]), true);
    assert.equal(maySet('b', [allowing('a', 'b'), allowing('a')]), false);
  });

  it('refuse a pattern that would mean more than is read here', () => {
    assert.throws(() => maySet('a', [allowing('{a,b}')]), /write \* and \? only/);
  });
});
