import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const packageJson = z.object({
  name: z.string(),
  version: z.string(),
  license: z.string(),
  repository: z.union([z.string(), z.object({ url: z.string() }).transform(({ url }) => url)]).optional(),
});

interface Licensed extends z.infer<typeof packageJson> {
  /** The package's own LICENSE and NOTICE files, one after the other. */
  readonly text: string | undefined;
}

/**
 * The licences of everything that was bundled, as one text sorted by package.
 *
 * @param packages package folders below `root`, such as `node_modules/yaml`
 * @throws when a package has no licence text: licences allow shipping the code only together with it
 */
export async function thirdPartyNotices(packages: Iterable<string>, root: string): Promise<string> {
  const licensed = await Promise.all([...packages].map((folder) => readLicence(join(root, folder))));
  const sections = licensed.map((each) => {
    const title = `${each.name} ${each.version} (${each.license})`;
    const text = each.text ?? textOfSameRepository(each, licensed);
    if (text === undefined) throw new Error(`${title} is bundled, but comes without its licence's text`);
    return `${rule}\n${title}\n${rule}\n\n${text}\n`;
  });
  return `${introduction}\n\n${[...new Set(sections)].sort().join('\n')}`;
}

async function readLicence(folder: string): Promise<Licensed> {
  const about = packageJson.parse(JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')));
  const files = (await readdir(folder)).filter((file) => /^(licen[cs]e|copying|notice)\b/i.test(file)).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  const text = texts.map((each) => each.replaceAll('\r\n', '\n').trim()).join('\n\n');
  return { ...about, text: files.some((file) => !/^notice/i.test(file)) ? text : undefined };
}

/** Some packages of a monorepo are published without the LICENSE file that their siblings carry. */
function textOfSameRepository(without: Licensed, others: readonly Licensed[]): string | undefined {
  return others.find(
    ({ repository, license, text }) =>
      text !== undefined &&
      repository !== undefined &&
      repository === without.repository &&
      license === without.license,
  )?.text;
}

const introduction =
  'The tasks of this extension contain code of the packages below. Each stands under its own licence.';
const rule = '-'.repeat(80);
