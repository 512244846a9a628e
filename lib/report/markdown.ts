import type { RunReport } from './run-report.ts';

const marks = { succeeded: '✅', failed: '❌', canceled: '⏹️' } as const;

/** A run report as the Markdown that Azure DevOps shows on a build's summary page. */
export function reportAsMarkdown(report: RunReport): string {
  const parts = [`### ${marks[report.outcome]} ${escapeText(report.task)}`, escapeText(report.summary)];
  if (report.error) parts.push(errorSection(report.error));
  if (report.facts.length > 0) {
    parts.push(asTable([['', ''], ...report.facts.map(({ name, value }) => [name, value])]));
  }
  for (const { title, rows } of report.tables) parts.push(`**${escapeText(title)}**`, asTable(rows));
  for (const warning of report.warnings) parts.push(`⚠️ ${escapeText(warning)}`);
  parts.push(
    asTable([
      ['Step', 'Result', 'Seconds'],
      ...report.steps.map(({ title, outcome, seconds }) => [title, outcome, seconds.toFixed(1)]),
    ]),
  );
  return `${parts.join('\n\n')}\n`;
}

function errorSection(error: NonNullable<RunReport['error']>): string {
  const parts = [`**${escapeText(error.code)}** ${escapeText(error.what)}`];
  if (error.why) parts.push(escapeText(error.why));
  if (error.remedy) parts.push(asCodeBlock(error.remedy));
  if (error.requestId) parts.push(`Request id: ${escapeText(error.requestId)}`);
  return parts.join('\n\n');
}

function asTable(rows: readonly (readonly string[])[]): string {
  const [headings = [], ...body] = rows.map((row) => row.map(escapeText));
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(headings), line(headings.map(() => '---')), ...body.map(line)].join('\n');
}

/** A fence longer than any run of backticks in the text cannot be closed by it (CommonMark 4.5). */
function asCodeBlock(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${visible(text)}\n${fence}`;
}

/**
 * Every construct begins with ASCII punctuation, all of which a backslash makes literal (CommonMark 2.4), or with
 * indentation. A line break would end a table's row.
 */
function escapeText(text: string): string {
  return visible(text)
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[!-/:-@[-`{-~]/g, '\\$&');
}

/** Control characters would hide or turn around what is read. */
function visible(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(/(?![\t\n])[\p{Cc}\p{Cf}]/gu, '\ufffd');
}
