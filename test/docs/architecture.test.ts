import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runReport } from '../../lib/report/index.ts';
import { documentOf, root } from './documents.ts';

describe('docs/architecture.md', () => {
  const { tables } = documentOf('docs/architecture.md');
  const firstColumn = (heading: string) =>
    tables
      .find(({ under }) => under.at(-1) === heading)
      ?.rows.slice(1)
      .map(([cell = '']) => cell) ?? [];

  it('has every field of the run report, and no other', () => {
    const fields = Object.keys(runReport.shape).map((field) => `\`${field}\``);
    assert.deepEqual(firstColumn('The run report'), fields);
  });

  it('names rooms of the house that are there', () => {
    const rooms = firstColumn('The house').flatMap((cell) =>
      [...cell.matchAll(/`([^`<]+)[^`]*`/g)].map(([, path = '']) => path),
    );
    assert.ok(rooms.length > 10);
    assert.deepEqual(
      rooms.filter((room) => !existsSync(join(root, room))),
      [],
    );
  });
});
