import assert from 'node:assert/strict';
import { parse } from 'yaml';
import { documents } from './documents.ts';
import { documentsWorld, runExample } from './example-run.ts';

/** Every YAML block with steps or jobs is a pipeline that runs as it stands, unless it is marked as a fragment. */
describe('pipelines in the documents', () => {
  const blocks = documents
    .flatMap((document) => document.blocks)
    .filter(({ language }) => language === 'yaml');

  it('are there', () => assert.ok(blocks.length > 5));

  for (const { place, text, mark } of blocks) {
    if (mark?.kind === 'fragment' || !/^(steps|jobs):/m.test(text)) {
      it(`${place} parses`, () => assert.ok(parse(text)));
      continue;
    }
    it(`${place} runs`, async () => {
      const { record, lines } = await runExample({ text }, await documentsWorld());
      assert.equal(record.result, 'Succeeded', lines.join('\n'));
    });
  }
});
