/** A pipeline file as written: texts, lists and maps, each with the place where it stands. */
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  type Scalar,
  type YAMLError,
} from 'yaml';

/** Where something stands: `file:line:column`. */
export type Place = string;

/** A single value, as its text. Azure Pipelines means texts: `1.10` and `yes` stay what they are. */
export interface TextSource {
  readonly kind: 'text';
  readonly text: string;
  readonly place: Place;
}

/** A list. */
export interface ListSource {
  readonly kind: 'list';
  readonly items: readonly Source[];
  readonly place: Place;
}

/** A map, in the order of the file. */
export interface MapSource {
  readonly kind: 'map';
  readonly entries: readonly Entry[];
  readonly place: Place;
}

/** A key of a map and its value. */
export interface Entry {
  readonly key: string;
  readonly place: Place;
  readonly value: Source;
}

/** Any part of a file. */
export type Source = TextSource | ListSource | MapSource;

/** Collects what is wrong with a file, so that all of it is said at once. */
export type Faults = (place: Place, message: string) => void;

/** Reads YAML, and only what Azure Pipelines understands of it: one document, no anchors, no tags, no complex keys. */
export function readSource(text: string, file: string, fault: Faults): Source | undefined {
  const lines = new LineCounter();
  const at = (node: { readonly range?: readonly number[] | null } | null | undefined): Place => {
    const { line, col } = lines.linePos(node?.range?.[0] ?? 0);
    return `${file}:${line}:${col}`;
  };
  // The failsafe schema keeps every scalar a text; keys that are written twice are errors of the parser.
  const documents = [
    ...parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, schema: 'failsafe' }),
  ];
  const errors = documents.flatMap((document) => document.errors);
  const [broken] = errors.filter(({ code }) => code !== 'DUPLICATE_KEY');
  // After a mistake in the syntax everything else looks wrong as well: the first is enough.
  for (const error of broken === undefined ? errors : [broken])
    fault(at({ range: error.pos }), sentence(error));
  if (errors.length > 0) return undefined;
  const [document, second] = documents;
  if (second !== undefined)
    fault(at(second.contents), 'a pipeline file holds one document; split it into files');

  const convert = (node: Node | null): Source => {
    const place = at(node);
    if (isAlias(node) || node?.anchor !== undefined) {
      fault(place, 'Azure Pipelines knows no YAML anchors; write the value out, or use a variable');
    } else if (node?.tag?.startsWith('!')) {
      fault(place, `Azure Pipelines knows no YAML tags; leave out ${node.tag}`);
    }
    if (isMap(node)) {
      const entries = node.items.map(({ key, value }): Entry => {
        if (!isScalar(key)) fault(at(key as Node | null), 'a key is a text');
        const name = isScalar(key) ? String(key.value ?? '') : '';
        if (isTemplate(name)) fault(at(key as Node | null), templateAdvice);
        return { key: name, place: at(key as Node | null), value: convert(value as Node | null) };
      });
      return { kind: 'map', entries, place };
    }
    if (isSeq(node))
      return { kind: 'list', items: node.items.map((item) => convert(item as Node | null)), place };
    const text = isScalar(node) ? textOfScalar(node) : '';
    if (isTemplate(text)) fault(place, templateAdvice);
    return { kind: 'text', text, place };
  };
  return convert((document?.contents as Node | null | undefined) ?? null);
}

/** Whether a text holds `${{ }}`, which the service evaluates before it reads the rest of the file. */
export const isTemplate = (text: string): boolean => text.includes('${{');

const templateAdvice =
  'template expressions are not evaluated here; write what this comes to, or run the expanded pipeline that the service shows under "Download full YAML"';

/** Unquoted `~` and `null` are YAML's way to write nothing. */
const textOfScalar = ({ value, type }: Scalar): string =>
  type === 'PLAIN' && /^(~|null)$/i.test(String(value)) ? '' : String(value ?? '');

const sentence = ({ code, message }: YAMLError): string =>
  code === 'DUPLICATE_KEY' ? 'this key is written twice in one map; keep one of the two' : message;
