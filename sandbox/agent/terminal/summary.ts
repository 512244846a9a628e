/** What a run came to, in one table. */
import type { Attachment, JobRecord, RunRecord } from '../record.ts';

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;

/** The steps with their results and times, what was attached, and the outcome. */
export function summaryOf(run: RunRecord): string[] {
  const total = new Date(run.finishedAt).getTime() - new Date(run.startedAt).getTime();
  const attachments = run.jobs.flatMap((job) => job.attachments);
  return [
    '',
    ...table(['Step', 'Result', 'Time'], run.jobs.flatMap(rowsOf)),
    ...(attachments.length === 0
      ? []
      : ['', ...table(['Attached', 'Type', 'Size'], attachments.map(attachmentRow))]),
    '',
    `${run.result} in ${seconds(total)}: ${run.pipeline}`,
  ];
}

function rowsOf(job: JobRecord): string[][] {
  const time = job.steps.reduce((sum, step) => sum + step.durationMilliseconds, 0);
  return [
    [job.displayName, job.result, job.steps.length === 0 ? '' : seconds(time)],
    ...job.steps.map((step) => [`  ${step.displayName}`, step.result, seconds(step.durationMilliseconds)]),
  ];
}

const attachmentRow = ({ name, type, content }: Attachment): string[] => [
  name,
  type,
  `${Buffer.byteLength(content)} bytes`,
];

/** Columns as wide as their widest cell; the last one is flush right. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column === row.length - 1 ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ');
  return [line(head), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)];
}
