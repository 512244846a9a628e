/** Taking a map of a pipeline file apart, key by key; what is not asked for is a fault. */
import { type Entry, type Faults, isTemplate, type ListSource, type Place, type Source } from './source.ts';

/** Keys that Azure Pipelines knows and that are not run here, each with what to do instead. */
export type Refused = Readonly<Record<string, string>>;

/** The fields of one map. Every way of reading a field says what is wrong with it and goes on with a default. */
export class Fields {
  readonly place: Place;
  readonly #entries: ReadonlyMap<string, Entry>;
  readonly #fault: Faults;

  /**
   * @param what how messages call the map: `a job`
   * @param known the keys it may have
   */
  constructor(source: Source, what: string, known: readonly string[], refused: Refused, fault: Faults) {
    this.place = source.place;
    this.#fault = fault;
    const entries = source.kind === 'map' ? source.entries : [];
    if (source.kind !== 'map') fault(source.place, `${what} is a map with ${known.join(', ')}`);
    for (const { key, place } of entries) {
      if (known.includes(key) || isTemplate(key)) continue;
      fault(
        place,
        (Object.hasOwn(refused, key) ? refused[key] : undefined) ??
          `${what} has no key '${key}'; write one of ${known.join(', ')}`,
      );
    }
    this.#entries = new Map(entries.map((entry) => [entry.key, entry]));
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  source(key: string): Source | undefined {
    return this.#entries.get(key)?.value;
  }

  placeOf(key: string): Place {
    return this.#entries.get(key)?.place ?? this.place;
  }

  text(key: string): string | undefined {
    const source = this.source(key);
    return source === undefined ? undefined : textOf(source, `'${key}'`, this.#fault);
  }

  boolean(key: string, otherwise: boolean): boolean {
    const text = this.text(key);
    if (text === undefined) return otherwise;
    // https://learn.microsoft.com/azure/devops/pipelines/yaml-schema/boolean
    if (/^(true|y|yes|on)$/i.test(text)) return true;
    if (!/^(false|n|no|off)$/i.test(text))
      this.#fault(this.placeOf(key), `'${key}' is '${text}'; write true or false`);
    return false;
  }

  wholeNumber(key: string, otherwise: number): number {
    const text = this.text(key);
    if (text === undefined) return otherwise;
    if (/^\d+$/.test(text)) return Number(text);
    this.#fault(this.placeOf(key), `'${key}' is '${text}'; write a whole number`);
    return otherwise;
  }

  /** A list, or undefined where the key is not there. */
  list(key: string): ListSource | undefined {
    const source = this.source(key);
    if (source === undefined || source.kind === 'list') return source;
    this.#fault(source.place, `'${key}' is a list; begin each item with "- "`);
    return undefined;
  }

  /** One text, or a list of texts. */
  texts(key: string): readonly string[] | undefined {
    const source = this.source(key);
    if (source === undefined) return undefined;
    if (source.kind === 'list') return source.items.map((item) => textOf(item, `'${key}'`, this.#fault));
    const text = textOf(source, `'${key}'`, this.#fault);
    return text === '' ? [] : [text];
  }

  /** A map of texts, each with its place. */
  table(key: string): ReadonlyMap<string, { readonly value: string; readonly place: Place }> {
    const source = this.source(key);
    if (source === undefined || (source.kind === 'text' && source.text === '')) return new Map();
    if (source.kind !== 'map') {
      this.#fault(source.place, `'${key}' is a map of names and values`);
      return new Map();
    }
    return new Map(
      source.entries.map(({ key: name, value }) => [
        name,
        { value: textOf(value, `'${name}'`, this.#fault), place: value.place },
      ]),
    );
  }
}

/** The text of a source. */
export function textOf(source: Source, what: string, fault: Faults): string {
  if (source.kind !== 'text') {
    fault(source.place, `${what} is a single value`);
    return '';
  }
  return source.text;
}
