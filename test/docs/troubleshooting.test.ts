import assert from 'node:assert/strict';
import { errorCodes } from '../../lib/errors/index.ts';
import { documentOf } from './documents.ts';

describe('docs/troubleshooting.md', () => {
  const { headings, blocks } = documentOf('docs/troubleshooting.md');
  const codes = errorCodes.map((code) => code.toLowerCase());

  it('has a section for every error code, under the anchor that tasks print, and no other', () => {
    assert.deepEqual(headings.slice(1), codes.toSorted());
  });

  it('shows the real text of every error', () => {
    const shown = blocks.flatMap(({ mark }) => (mark?.kind === 'log' ? [mark.name] : []));
    // Nothing is known to lead to an error that nobody foresaw.
    const foreseen = codes.filter((code) => code !== 'internal');
    assert.deepEqual(shown, foreseen.toSorted());
  });

  for (const { place, text, mark } of blocks) {
    if (mark?.kind !== 'log') continue;
    it(`${place} is an error of the code ${mark.name}`, () => {
      assert.ok(text.includes(`##[error]${mark.name.toUpperCase()}: `));
    });
  }
});
