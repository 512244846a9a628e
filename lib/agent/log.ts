import { neutralise } from './neutralise.ts';

/** Writes the job's log. Whatever is handed to it may come from outside: nothing in it can forge a command. */
export interface Log {
  info(text: string): void;
  /** A table with padded columns; the first row holds the headings. */
  table(rows: readonly (readonly string[])[]): void;
  warning(text: string): void;
  error(text: string): void;
  /** Opens a section that can be folded. */
  beginGroup(title: string): void;
  endGroup(): void;
  /** Shown only when the pipeline runs with System.Debug. */
  debug(text: string): void;
}

/** `write` gets whole lines without the line end. */
export function createLog(write: (line: string) => void): Log {
  const lines = (text: string) => neutralise(text).split('\n');
  const marked = (mark: string, text: string) => write(`##[${mark}]${lines(text).join(' ')}`);
  // Line feeds and the agent's own escape character are escaped as its parser expects (Command.cs).
  const data = (text: string) => neutralise(text).replaceAll('%', '%AZP25').replaceAll('\n', '%0A');
  const log: Log = {
    info: (text) => lines(text).forEach((line) => write(line)),
    table(rows) {
      for (const line of alignedColumns(rows)) log.info(line);
    },
    warning: (text) => write(`##vso[task.logissue type=warning]${data(text)}`),
    error: (text) => write(`##vso[task.logissue type=error]${data(text)}`),
    beginGroup: (title) => marked('group', title),
    endGroup: () => write('##[endgroup]'),
    debug: (text) => write(`##vso[task.debug]${data(text)}`),
  };
  return log;
}

function alignedColumns(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    });
  }
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
