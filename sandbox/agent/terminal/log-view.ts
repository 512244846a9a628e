/** A job log on a terminal as the web page shows it, and elsewhere as the raw log is downloaded. */
import type { LogLine } from '../log/log.ts';

const sequence = '\u001b[';
const plain = `${sequence}0m`;

/** Colours of the web page's log, by the tag at the beginning of a line. */
const colours: Readonly<Record<string, string>> = {
  section: `${sequence}1;32m`,
  group: `${sequence}1m`,
  command: `${sequence}36m`,
  warning: `${sequence}33m`,
  error: `${sequence}31m`,
  debug: `${sequence}35m`,
};

const tagged = /^(?:##\[(section|group|endgroup|command|warning|error|debug)\]|\[(command)\])(.*)$/;

/** Control characters that a hostile line could use to rewrite the terminal; tab and escape sequences for colour stay. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const control = /[\u0000-\u0008\u000b-\u001a\u001c-\u001f\u007f]|\u001b(?!\[[\d;]*m)/g;

/** One line of the raw log: a timestamp of .NET's precision, then the line as it is. */
export function rawLine({ at, text }: LogLine): string {
  return `${at.toISOString().replace('Z', '0000Z')} ${text}`;
}

/** One line for a terminal: coloured instead of tagged; lines that only close a group are left out. */
export function colouredLine({ at, text }: LogLine): string | undefined {
  const time = `${sequence}2m${at.toTimeString().slice(0, 8)}${plain} `;
  const [, tag, command, rest] = tagged.exec(text.replaceAll(control, '\ufffd')) ?? [];
  const name = tag ?? command;
  if (name === 'endgroup') return undefined;
  if (name === undefined) return time + text.replaceAll(control, '\ufffd');
  const sign = { error: 'error: ', warning: 'warning: ', group: '▸ ' }[name] ?? '';
  return `${time}${colours[name] ?? ''}${sign}${rest ?? ''}${plain}`;
}
