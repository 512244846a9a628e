import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadWorld } from '../../sandbox/world.ts';
import { documentOf, root } from './documents.ts';
import { runExample } from './example-run.ts';
import { pictureOf } from './picture.ts';
import { steady } from './steady.ts';

const picture = 'docs/images/job-log.svg';

describe('README.md', () => {
  it('shows the job log that npm start prints', async () => {
    const folder = join(root, 'examples/quickstart');
    const world = await loadWorld(join(folder, 'world.yml'));
    const { record, lines } = await runExample({ file: join(folder, 'azure-pipelines.yml') }, world);
    assert.equal(record.result, 'Succeeded', lines.join('\n'));
    const drawn = pictureOf(
      steady(essentials(lines), new Date(record.startedAt)),
      'The log of a job: AwsFederate gets credentials, a script uses them, and a post-job step removes them',
    );
    if (process.env.WRITE_DOCS) await writeFile(join(root, picture), drawn);
    else assert.equal(await readFile(join(root, picture), 'utf8'), drawn);
    assert.ok(documentOf('README.md').links.includes(picture));
  });

  it('names only scripts that package.json has', async () => {
    const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    for (const file of ['README.md', 'CONTRIBUTING.md', 'docs/architecture.md', 'docs/quick-start.md']) {
      const text = await readFile(join(root, file), 'utf8');
      const named = [...text.matchAll(/npm (?:run ([\w:]+)|(start|test)\b)/g)].map(
        ([, run, own]) => run ?? own ?? '',
      );
      assert.deepEqual(
        named.filter((name) => !(name in scripts)),
        [],
        file,
      );
    }
  });
});

/** Without the banners of the steps, what a script step says of itself, and the ends of sections. */
function essentials(lines: readonly string[]): string[] {
  const first = lines.indexOf('##[section]Starting: Get AWS credentials');
  const last = lines.findIndex((line) => line.startsWith('##[section]Finishing: Post-job'));
  let inBanner = false;
  return lines.slice(first, last + 1).filter((line) => {
    if (/^=+$/.test(line)) inBanner = !inBanner;
    return (
      !inBanner &&
      !/^(=+( .* =+)?$|##\[endgroup\]|succeeded in|Generating|Script contents|node |\[command\])/.test(line)
    );
  });
}
