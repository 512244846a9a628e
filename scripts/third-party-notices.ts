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
  /** `yaml 2.9.1 (ISC)` */
  readonly title: string;
  /** The package's own LICENSE and NOTICE files, one after the other. */
  readonly text: string | undefined;
}

/**
 * The licences of everything that was bundled, each text once, below the packages it belongs to.
 *
 * @param packages package folders below `root`, such as `node_modules/yaml`
 * @throws when a package has no licence text: licences allow shipping the code only together with it
 */
export async function thirdPartyNotices(packages: Iterable<string>, root: string): Promise<string> {
  const licensed = await Promise.all([...packages].map((folder) => readLicence(join(root, folder))));
  licensed.sort((left, right) => (left.title < right.title ? -1 : 1));
  const titlesByText = new Map<string, Set<string>>();
  for (const each of licensed) {
    const text = each.text ?? textOfSameRepository(each, licensed);
    if (text === undefined) throw new Error(`${each.title} is bundled, but comes without its licence's text`);
    titlesByText.set(text, (titlesByText.get(text) ?? new Set()).add(each.title));
  }
  const sections = [...titlesByText].map(
    ([text, titles]) => `${rule}\n${[...titles].join('\n')}\n${rule}\n\n${text}\n`,
  );
  return `${introduction}\n\n${sections.join('\n')}`;
}

async function readLicence(folder: string): Promise<Licensed> {
  const about = packageJson.parse(JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')));
  const files = (await readdir(folder)).filter((file) => /^(licen[cs]e|copying|notice)\b/i.test(file)).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  const hasLicence = files.some((file) => !/^notice/i.test(file));
  return {
    ...about,
    title: `${about.name} ${about.version} (${about.license})`,
    text: hasLicence ? texts.map((text) => text.replaceAll('\r\n', '\n').trim()).join('\n\n') : undefined,
  };
}

/** Some packages of a monorepo are published without the LICENSE file that their siblings carry. */
function textOfSameRepository(without: Licensed, others: readonly Licensed[]): string | undefined {
  if (without.repository === undefined) return undefined;
  return others.find(
    ({ repository, license, text }) =>
      text !== undefined && repository === without.repository && license === without.license,
  )?.text;
}

const introduction =
  'The tasks of this extension contain code of the packages below. Each stands under its own licence.';
const rule = '-'.repeat(80);
