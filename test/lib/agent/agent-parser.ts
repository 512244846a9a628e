/** A logging command as the agent would carry it out. */
export interface AgentCommand {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly data: string;
}

/** What the agent makes of a process' output. */
export interface ReadOutput {
  readonly commands: readonly AgentCommand[];
  /** Lines that hold a format mark such as `##[error]`. */
  readonly marked: readonly string[];
  /** The other lines. */
  readonly plain: readonly string[];
}

/**
 * Reads output as azure-pipelines-agent does, or more readily: ProcessInvoker.cs takes it line by line
 * (StreamReader.ReadLine: CR, LF or both end a line), Command.TryParse in Command.cs looks for `##vso[` anywhere in a
 * line. That search ignores characters by the rules of a culture, so here it ignores whatever is no printable ASCII,
 * and letter case as well. Unlike the agent, this one takes a command that it cannot read for one, too.
 */
export function readAsAgent(output: string): ReadOutput {
  const commands: AgentCommand[] = [];
  const marked: string[] = [];
  const plain: string[] = [];
  for (const line of output.split(/\r\n|\r|\n/)) {
    const seen = line.replace(/[^ -~]/g, '');
    if (/##vso\[/i.test(seen)) commands.push(parseCommand(line));
    else if (seen.includes('##[')) marked.push(line);
    else plain.push(line);
  }
  if (plain.at(-1) === '') plain.pop();
  return { commands, marked, plain };
}

function parseCommand(line: string): AgentCommand {
  const prefix = '##vso[';
  const start = line.indexOf(prefix);
  const end = line.indexOf(']', start);
  if (start < 0 || end < 0) return { name: 'unreadable', properties: {}, data: line };
  const info = line.slice(start + prefix.length, end);
  const space = info.indexOf(' ');
  const properties: Record<string, string> = {};
  for (const property of space < 0 ? [] : info.slice(space + 1).split(';')) {
    const equals = property.indexOf('=');
    if (equals > 0) properties[property.slice(0, equals)] = unescaped(property.slice(equals + 1));
  }
  return { name: space < 0 ? info : info.slice(0, space), properties, data: unescaped(line.slice(end + 1)) };
}

/** CommandStringConvertor.cs, in its order. */
function unescaped(text: string): string {
  return text
    .replaceAll('%3B', ';')
    .replaceAll('%0D', '\r')
    .replaceAll('%0A', '\n')
    .replaceAll('%5D', ']')
    .replaceAll('%AZP25', '%');
}
