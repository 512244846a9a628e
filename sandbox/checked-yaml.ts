/** Reading a YAML file that people write: every fault names file, line, the key, and what to write there. */
import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { z } from 'zod';

/** A file that cannot be used as it stands; `message` lists every fault, one a line. */
export class FileFault extends Error {
  override readonly name = 'FileFault';
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(faults.join('\n'));
    this.faults = faults;
  }
}

/** A strict object whose refusal of an unknown key lists the known ones. */
export function section<Shape extends z.core.$ZodShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  const known = Object.keys(shape).join(', ');
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `not known here; write one of ${known}`
        : `write a map with ${known}`,
  });
}

/**
 * Parses YAML 1.2 and checks it against a schema.
 *
 * @param file name used in faults only
 * @throws FileFault with every fault of the syntax, or of the content, as `file:line:column: key: what to write`
 */
export function parseYaml<Schema extends z.ZodType>(
  text: string,
  file: string,
  schema: Schema,
): z.output<Schema> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  if (document.errors.length > 0) {
    throw new FileFault(document.errors.map((error) => `${at(error.pos[0])}: ${error.message}`));
  }
  const result = schema.safeParse(document.toJS());
  if (result.success) return result.data;
  throw new FileFault(
    result.error.issues.flatMap((issue) =>
      pathsOf(issue).map(
        (path) => `${at(offsetOf(document.contents, path))}: ${path.join('.')}: ${wordsOf(issue)}`,
      ),
    ),
  );
}

type Path = readonly PropertyKey[];

/** An issue about unknown keys stands at their parent; people look for the keys. */
const pathsOf = (issue: z.core.$ZodIssue): Path[] =>
  issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];

/** The rule a key broke is one level down in zod's issue. */
const wordsOf = (issue: z.core.$ZodIssue): string =>
  issue.code === 'invalid_key' ? issue.issues.map(({ message }) => message).join('; ') : issue.message;

/** Where a path stands in the text: its key, or the nearest part of it that is there. */
function offsetOf(root: Node | null, path: Path): number {
  let node = root;
  let offset = node?.range?.[0] ?? 0;
  for (const step of path) {
    if (isMap(node)) {
      // Keys may be written as numbers ("111122223333:"), so they are compared as texts.
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
      // A list may be written as its only item: then its index has no level of its own in the text.
      if (pair === undefined && typeof step === 'number') continue;
      if (!isScalar(pair?.key)) return offset;
      offset = pair.key.range?.[0] ?? offset;
      node = pair.value as Node | null;
    } else if (isSeq(node)) {
      node = (node.items[Number(step)] as Node | undefined) ?? null;
      offset = node?.range?.[0] ?? offset;
    }
  }
  return offset;
}
