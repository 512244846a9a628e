/** The logging commands by which a process talks to the agent: `##vso[area.event key=value;…]data`. */

/** A logging command, unescaped. */
export interface Command {
  /** As written; compared without letter case. */
  readonly area: string;
  readonly event: string;
  /** By lower-case name: the agent's table ignores letter case, and the last one of a name wins. */
  readonly properties: ReadonlyMap<string, string>;
  readonly data: string;
}

/**
 * `##vso[`, as Command.cs looks for it: by the rules of a culture (`message.IndexOf(_loggingCommandPrefix)`), which pass
 * over zero-width characters, variation selectors and others by system and version. Here over all that is not ASCII.
 */
const prefix = new RegExp(
  [...'##vso['].map((character) => (character === '[' ? '\\[' : character)).join('[^ -~]*'),
);

/** azure-pipelines-agent, Agent.Sdk/CommandStringConvertor.cs, in its order. */
const escapes = [
  [';', '%3B'],
  ['\r', '%0D'],
  ['\n', '%0A'],
  [']', '%5D'],
] as const;

/** Undoes the escapes of commands; `%AZP25` stands for a per cent sign where the job decodes them. */
export function unescapeCommand(escaped: string, decodePercents: boolean): string {
  const plain = escapes.reduce((text, [token, code]) => text.replaceAll(code, token), escaped);
  return decodePercents ? plain.replaceAll('%AZP25', '%') : plain;
}

/** Writes a text as the data of a command. */
export function escapeCommand(plain: string, decodePercents: boolean): string {
  const percents = decodePercents ? plain.replaceAll('%', '%AZP25') : plain;
  return escapes.reduce((text, [token, code]) => text.replaceAll(token, code), percents);
}

/**
 * Finds a command anywhere in a line of output.
 *
 * @param decodePercents whether `%AZP25` is read as a per cent sign (the job's `DECODE_PERCENTS`, true by default)
 * @returns undefined where the line holds none that can be read
 * @see azure-pipelines-agent, Microsoft.VisualStudio.Services.Agent/Command.cs, TryParse
 */
export function parseCommand(line: string, decodePercents: boolean): Command | undefined {
  const found = prefix.exec(line);
  if (!found) return undefined;
  const start = found.index + found[0].length;
  const end = line.indexOf(']', start);
  if (end < 0) return undefined;

  const info = line.slice(start, end);
  const space = info.indexOf(' ');
  const name = space < 0 ? info : info.slice(0, space);
  const [area, event, ...more] = name.split('.').filter((part) => part !== '');
  if (area === undefined || event === undefined || more.length > 0) return undefined;

  const properties = new Map<string, string>();
  for (const property of space < 0 ? [] : info.slice(space + 1).split(';')) {
    // The agent splits in two at "=" and drops empty parts, so "key=" and "=value" say nothing.
    const pair = /^=*([^=]+)=+([^=].*)$/s.exec(property);
    if (pair?.[1] === undefined || pair[2] === undefined) continue;
    properties.set(pair[1].toLowerCase(), unescapeCommand(pair[2], decodePercents));
  }
  return { area, event, properties, data: unescapeCommand(line.slice(end + 1), decodePercents) };
}
