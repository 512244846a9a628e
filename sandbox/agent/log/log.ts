/** What a run prints: masked, line by line, for the person and for the record. */
import type { SecretMasker } from './masker.ts';

/** A line of the log as it is printed. */
export interface LogLine {
  readonly at: Date;
  readonly text: string;
}

/** Takes the lines of a run as they come. */
export type Print = (line: LogLine) => void;

/** The log of a job, or of one of its steps, whose lines are the job's as well. */
export class Log {
  readonly lines: string[] = [];
  /** How many places had to be masked. */
  maskedCount = 0;
  readonly #masker: SecretMasker;
  readonly #print: Print;
  readonly #parent: Log | undefined;

  constructor(masker: SecretMasker, print: Print, parent?: Log) {
    this.#masker = masker;
    this.#print = print;
    this.#parent = parent;
  }

  /** Writes a text, which may have several lines. */
  write(text: string): void {
    const masked = this.#masker.mask(text);
    const lines = masked.text.split(/\r\n|\n|\r/);
    const at = new Date();
    for (const line of lines) this.#print({ at, text: line });
    for (const log of [this, this.#parent]) {
      log?.lines.push(...lines);
      if (log !== undefined) log.maskedCount += masked.count;
    }
  }

  /** `##[section]`, bold and green in Azure DevOps. */
  section(text: string): void {
    this.write(`##[section]${text}`);
  }
}
