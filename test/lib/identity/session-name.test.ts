import assert from 'node:assert/strict';
import fc from 'fast-check';
import { sanitiseSessionName } from '../../../lib/identity/session-name.ts';
import { hostileText } from '../agent/hostile-text.ts';

describe('a session name', () => {
  const cases: [wanted: string, name: string][] = [
    ['shop-build-42', 'shop-build-42'],
    ['a_B+c=d,e.f@g-h', 'a_B+c=d,e.f@g-h'],
    ['-kept-', '-kept-'],
    ['My Shop / main (nightly)', 'My-Shop-main-nightly'],
    ['Größe', 'Gro-e'],
    ['café', 'cafe'],
    ['部署', 'keyless-delivery'],
    ['x', 'keyless-x'],
    ['', 'keyless-delivery'],
    ['  ', 'keyless-delivery'],
    ['n'.repeat(64), 'n'.repeat(64)],
    ['n'.repeat(65), 'n'.repeat(64)],
  ];
  for (const [wanted, name] of cases) {
    it(`${JSON.stringify(wanted.slice(0, 30))} becomes ${JSON.stringify(name.slice(0, 30))}`, () => {
      assert.deepEqual(sanitiseSessionName(wanted), { name, changed: name !== wanted });
    });
  }

  it('is always one that STS takes', () => {
    fc.assert(
      fc.property(fc.oneof(hostileText, fc.string({ unit: 'binary', maxLength: 200 })), (wanted) => {
        assert.match(sanitiseSessionName(wanted).name, /^[A-Za-z0-9_+=,.@-]{2,64}$/);
      }),
      { numRuns: 1000 },
    );
  });

  it('that STS takes is left alone', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9_+=,.@-]{2,64}$/), (wanted) => {
        assert.deepEqual(sanitiseSessionName(wanted), { name: wanted, changed: false });
      }),
    );
  });
});
