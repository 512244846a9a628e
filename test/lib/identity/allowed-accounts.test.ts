import assert from 'node:assert/strict';
import type { DeliveryError } from '../../../lib/errors/index.ts';
import { checkAccountAllowed } from '../../../lib/identity/allowed-accounts.ts';

describe('allowed accounts', () => {
  it('allow every account where none is listed', () => {
    checkAccountAllowed('111122223333', []);
  });

  it('allow what they list', () => {
    checkAccountAllowed('111122223333', ['444455556666', '111122223333']);
  });

  it('refuse another one, and say which', () => {
    assert.throws(
      () => checkAccountAllowed('111122223333', ['444455556666', '777788889999']),
      ({ code, fault }: DeliveryError) =>
        code === 'ACCOUNT_NOT_ALLOWED' &&
        fault.what.includes('111122223333') &&
        /444455556666, 777788889999/.test(fault.why ?? ''),
    );
  });
});
