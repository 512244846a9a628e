/** Keeps secrets out of everything that is printed or recorded. */

const mask = '***';

/** No secret of this length or more can be left unmasked by `AZP_IGNORE_SECRETS_SHORTER_THAN` (LoggedSecretMasker). */
const longestMinimum = 6;

/**
 * A password in a URL's authority, whoever wrote it.
 *
 * @see azure-pipelines-agent, AdditionalMaskingRegexes.cs, UrlSecretPattern
 */
const urlPassword = /(?<=\/\/[^:/?#\n]+:)(?:[A-Za-z0-9\-._~]|%[0-9A-Fa-f]{2}|[!$&'()*+,;=]|:)+(?=@)/g;

/** A masked text and how many places of it were masked. */
export interface Masked {
  readonly text: string;
  readonly count: number;
}

/**
 * The agent's secret masker: every registered value, and its JSON, URI and backslash forms, becomes `***`.
 *
 * @see azure-pipelines-agent, HostContext.cs (CreateSecretMasker) and Worker.cs (InitializeSecretMasker)
 */
export class SecretMasker {
  readonly #values = new Set<string>();
  #minimumLength = 0;

  /** Leaves secrets shorter than this unmasked (`AZP_IGNORE_SECRETS_SHORTER_THAN`), six at most. */
  ignoreShorterThan(length: number): void {
    this.#minimumLength = Math.min(length, longestMinimum);
  }

  /** Registers a secret; each line of one that has several is a secret too, since output is read line by line. */
  add(secret: string): void {
    for (const value of [secret, ...secret.split(/[\r\n]+/)]) {
      if (value.trim() === '') continue;
      for (const form of [value, jsonForm(value), encodeURIComponent(value), withoutBackslashes(value)]) {
        this.#values.add(form);
      }
    }
  }

  /** Registers the value of a secret variable in all the forms in which tools are known to print one. */
  addVariable(secret: string): void {
    const base64 = Buffer.from(secret).toString('base64');
    for (const value of [secret, base64]) {
      const escaped = value.replaceAll('\r', '%0D').replaceAll('\n', '%0A');
      for (const form of [value, escaped.replaceAll('%', '%AZP25'), escaped]) {
        this.add(form);
        this.add(form.replace(/^(["'])(.*)\1$/s, '$2'));
        this.add(form.replace(/^[\r\n ]+|[\r\n ]+$/g, ''));
      }
    }
  }

  /** Replaces every secret; secrets that overlap or touch become one `***`. */
  mask(text: string): Masked {
    const places = [...text.matchAll(urlPassword)].map((match) => [
      match.index,
      match.index + match[0].length,
    ]);
    for (const value of this.#values) {
      if (value.length < this.#minimumLength) continue;
      for (let at = text.indexOf(value); at >= 0; at = text.indexOf(value, at + 1)) {
        places.push([at, at + value.length]);
      }
    }
    if (places.length === 0) return { text, count: 0 };

    const ranges: [number, number][] = [];
    for (const [start = 0, end = 0] of places.sort(([a = 0], [b = 0]) => a - b)) {
      const last = ranges.at(-1);
      if (last !== undefined && start <= last[1]) last[1] = Math.max(last[1], end);
      else ranges.push([start, end]);
    }
    let masked = '';
    let done = 0;
    for (const [start, end] of ranges) {
      masked += text.slice(done, start) + mask;
      done = end;
    }
    return { text: masked + text.slice(done), count: ranges.length };
  }
}

const jsonForm = (value: string): string => JSON.stringify(value).slice(1, -1);

const withoutBackslashes = (value: string): string =>
  value.replace(/\\([\\'"t])/g, (_, c: string) => (c === 't' ? '\t' : c));
