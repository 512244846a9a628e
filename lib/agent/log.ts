import { formatCommand } from './commands.ts';
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

/** `write` gets whole lines without the line end; `issueProperties` go with every error and warning. */
export function createLog(
  write: (line: string) => void,
  issueProperties: Readonly<Record<string, string | undefined>>,
): Log {
  const issue = (type: 'error' | 'warning', text: string) =>
    write(formatCommand('task.logissue', { type, ...issueProperties }, neutralise(text)));
  const log: Log = {
    info(text) {
      for (const line of neutralise(text).split('\n')) write(line);
    },
    table(rows) {
      for (const line of alignedColumns(rows)) log.info(line);
    },
    warning: (text) => issue('warning', text),
    error: (text) => issue('error', text),
    beginGroup: (title) => write(`##[group]${neutralise(title).replaceAll('\n', ' ')}`),
    endGroup: () => write('##[endgroup]'),
    debug: (text) => write(formatCommand('task.debug', {}, neutralise(text))),
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
