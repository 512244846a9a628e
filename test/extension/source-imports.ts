import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, posix, relative } from 'node:path';

/** TypeScript sources by path below the repository: `lib/aws/sts.ts`. */
export type Sources = ReadonlyMap<string, string>;

/** One import or re-export, as the source says it; type-only ones count as well. */
export interface Import {
  /** `lib/aws/sts.ts`, `node:fs` or the package's name. */
  readonly from: string;
  /** Names as exported; `*` for a whole module. */
  readonly names: readonly string[];
}

/** Reads every TypeScript source in these folders of the repository at `root`. */
export async function readSources(root: string, folders: readonly string[]): Promise<Sources> {
  const sources = new Map<string, string>();
  for (const folder of folders) {
    const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
    for (const entry of entries.filter((each) => each.isFile() && each.name.endsWith('.ts'))) {
      const file = join(entry.parentPath, entry.name);
      sources.set(relative(root, file).replaceAll('\\', '/'), await readFile(file, 'utf8'));
    }
  }
  return sources;
}

/** What the source at `path` imports. Biome's formatting is taken for granted: statements begin their line. */
export function importsOf(path: string, source: string): Import[] {
  const static_ = source.matchAll(/^(?:import|export)\b(?<clause>[^'";]*?)\bfrom '(?<from>[^']+)'/gm);
  const bare = source.matchAll(/^import '(?<from>[^']+)'/gm);
  const dynamic = source.matchAll(/\bimport\('(?<from>[^']+)'\)/g);
  return [...static_, ...bare, ...dynamic].map(({ groups }) => ({
    from: resolved(path, groups?.from ?? ''),
    names: groups?.clause === undefined ? ['*'] : importedNames(groups.clause),
  }));
}

export interface Export {
  readonly name: string;
  readonly isType: boolean;
  /** Declared in another file, as what an index.ts exports is. */
  readonly isPassedOn: boolean;
}

/** What the source exports by name. */
export function exportsOf(source: string): Export[] {
  const declarations = source.matchAll(
    /^export (?:abstract |async )*(?<kind>function|class|const|let|interface|type)\*? (?<name>\w+)/gm,
  );
  const lists = source.matchAll(/^export (?<type>type )?\{(?<list>[^}]*)\}/gm);
  return [
    ...[...declarations].map(({ groups }) => ({
      name: groups?.name ?? '',
      isType: groups?.kind === 'interface' || groups?.kind === 'type',
      isPassedOn: false,
    })),
    ...[...lists].flatMap(({ groups }) =>
      [...(groups?.list ?? '').matchAll(/(?<type>type )?(?:\w+ as )?(?<name>\w+)\s*(?:,|$)/g)].map(
        (item) => ({
          name: item.groups?.name ?? '',
          isType: Boolean(groups?.type ?? item.groups?.type),
          isPassedOn: true,
        }),
      ),
    ),
  ];
}

function importedNames(clause: string): string[] {
  const braced = /\{([^}]*)\}/.exec(clause)?.[1];
  if (braced === undefined) return ['*'];
  return braced.split(',').flatMap((item) => /^\s*(?:type )?(\w+)/.exec(item)?.[1] ?? []);
}

function resolved(path: string, from: string): string {
  if (from.startsWith('.')) return posix.join(dirname(path), from);
  if (from.startsWith('node:')) return from;
  return /^(?:@[^/]+\/)?[^/]+/.exec(from)?.[0] ?? from;
}
