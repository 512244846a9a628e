/**
 * One logging command as the agent parses it (azure-pipelines-agent, Command.cs): properties and data escaped so that
 * no value can end the command or begin another.
 */
export function formatCommand(
  name: string,
  properties: Readonly<Record<string, string | undefined>>,
  data = '',
): string {
  const list = Object.entries(properties).flatMap(([key, value]) =>
    value ? `${key}=${escapeProperty(value)};` : [],
  );
  return `##vso[${name}${list.length > 0 ? ` ${list.join('')}` : ''}]${escapeData(data)}`;
}

/** `%` first: it begins the other escapes. The agent decodes %AZP25 where its DECODE_PERCENTS knob is on, as by default. */
function escapeData(text: string): string {
  return text.replaceAll('%', '%AZP25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(']', '%5D').replaceAll(';', '%3B');
}
