import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeliveryError, errorCodes } from '../../../lib/errors/index.ts';

const root = join(import.meta.dirname, '../../..');

/** Every source file of lib and the tasks, but the list of codes itself. */
function sources(): string[] {
  return ['lib', 'tasks'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.c?[jt]s$/.test(path) && path !== join('errors', 'codes.ts'))
      .map((path) => readFileSync(join(root, folder, path), 'utf8')),
  );
}

describe('error codes', () => {
  it('are in upper snake case, each once', () => {
    for (const code of errorCodes) assert.match(code, /^[A-Z]+(_[A-Z]+)*$/);
    assert.equal(new Set(errorCodes).size, errorCodes.length);
  });

  const texts = sources();
  for (const code of errorCodes) {
    it(`${code} is one that a task can fail with`, () => {
      assert(texts.some((text) => new RegExp(`['"\`]${code}\\b`).test(text)));
    });
  }
});

describe('an error', () => {
  it('carries its fault, its code and its cause', () => {
    const cause = new Error('below');
    const fault = { code: 'ACCESS_DENIED', what: 'No.', why: 'Because.', remedy: 'Ask.' } as const;
    const error = new DeliveryError(fault, { cause });
    assert.deepEqual(
      [error.message, error.name, error.code, error.fault, error.cause],
      ['No.', 'DeliveryError', 'ACCESS_DENIED', fault, cause],
    );
  });
});
