export { reportAsMarkdown } from './markdown.ts';
export { type RunReport, reportAttachmentType, reportVersion, runReport } from './run-report.ts';
