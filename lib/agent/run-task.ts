import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { DeliveryError, type Fault } from '../errors/index.ts';
import { type RunReport, reportAsMarkdown, reportAttachmentType, reportVersion } from '../report/index.ts';
import type { Agent } from './agent.ts';
import { azurePipelinesAgent } from './azure-pipelines.ts';
import { CancelledError, cancellationSignal } from './cancellation.ts';
import { createLog, type Log } from './log.ts';
import { neutralise } from './neutralise.ts';

const troubleshooting =
  'https://github.com/keyless-delivery/keyless-delivery/blob/main/docs/troubleshooting.md';

/** What the story of a task is told with. */
export interface Task {
  readonly agent: Agent;
  readonly log: Log;
  /** Ends when the step is cancelled. */
  readonly signal: AbortSignal;
  /** Runs one part of the story in a section of the log of its own, timed and noted in the run report. */
  step<T>(title: string, work: () => Promise<T> | T): Promise<T>;
  /** Prints a name and a value worth knowing afterwards, and notes them in the run report. */
  facts(facts: Readonly<Record<string, string>>): void;
  /** Prints a table and notes it in the run report; the first row holds the headings. */
  table(title: string, rows: readonly (readonly string[])[]): void;
  warn(text: string): void;
}

/**
 * Runs a task from its first line to its last: its story, then the run report, then the result. The story returns
 * the sentence that says the outcome. Nothing but this function sets a result; the exit code is always 0, because
 * the agent takes another one for a crash.
 */
export async function runTask(name: string, story: (task: Task) => Promise<string>): Promise<void> {
  const write = (line: string) => process.stdout.write(`${line}\n`);
  const agent = azurePipelinesAgent(process.env, write);
  const log = createLog(write, agent.issueProperties);
  const signal = cancellationSignal();
  const report = startReport(name);

  try {
    const summary = await story(toldTask(agent, log, signal, report));
    finishReport(report, 'succeeded', summary);
  } catch (error) {
    const fault = faultOf(error);
    finishReport(report, fault.code === 'CANCELLED' ? 'canceled' : 'failed', fault.what);
    report.error = { ...fault };
    printFault(log, fault);
    if (error instanceof Error && fault.code === 'INTERNAL') log.debug(error.stack ?? error.message);
  }

  log.info(report.summary);
  handReportOver(agent, log, report);
  const results = { succeeded: 'Succeeded', failed: 'Failed', canceled: 'Canceled' } as const;
  agent.complete(results[report.outcome], neutralise(report.summary));
}

function toldTask(agent: Agent, log: Log, signal: AbortSignal, report: RunReport): Task {
  return {
    agent,
    log,
    signal,
    async step(title, work) {
      signal.throwIfAborted();
      log.beginGroup(title);
      const started = performance.now();
      let outcome: RunReport['outcome'] = 'failed';
      try {
        const result = await work();
        // Signals are heard between turns of the event loop: work that never waits would miss its cancellation.
        await nextTurn();
        signal.throwIfAborted();
        outcome = 'succeeded';
        return result;
      } catch (error) {
        if (signal.aborted) outcome = 'canceled';
        throw error;
      } finally {
        const seconds = (performance.now() - started) / 1000;
        report.steps.push({ title, outcome, seconds });
        log.info(`${outcome} in ${seconds.toFixed(1)} s`);
        log.endGroup();
      }
    },
    facts(facts) {
      const rows = Object.entries(facts);
      log.table(rows);
      report.facts.push(...rows.map(([name, value]) => ({ name, value })));
    },
    table(title, rows) {
      log.info(title);
      log.table(rows);
      report.tables.push({ title, rows: rows.map((row) => [...row]) });
    },
    warn(text) {
      log.warning(text);
      report.warnings.push(text);
    },
  };
}

function startReport(task: string): RunReport {
  const now = new Date().toISOString();
  return {
    schema: reportAttachmentType,
    version: reportVersion,
    task,
    outcome: 'failed',
    summary: '',
    startedAt: now,
    finishedAt: now,
    steps: [],
    facts: [],
    tables: [],
    warnings: [],
  };
}

function finishReport(report: RunReport, outcome: RunReport['outcome'], summary: string): void {
  report.outcome = outcome;
  report.summary = summary;
  report.finishedAt = new Date().toISOString();
}

/** Every error as a fault; one that nobody foresaw is told as what it is. */
function faultOf(error: unknown): Fault {
  if (error instanceof DeliveryError) return error.fault;
  if (error instanceof CancelledError) return { code: 'CANCELLED', what: error.message };
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: 'INTERNAL',
    what: `Something happened that this task does not know: ${message}`,
    remedy: 'Run the pipeline once more with the variable System.Debug set to true and report the log.',
  };
}

function printFault(log: Log, fault: Fault): void {
  log.error(`${fault.code}: ${fault.what}`);
  if (fault.why) log.info(`Why:${fault.why.includes('\n') ? `\n${indent(fault.why)}` : ` ${fault.why}`}`);
  if (fault.requestId) log.info(`Request id: ${fault.requestId}`);
  if (fault.remedy) log.info(`What to do:\n${indent(fault.remedy)}`);
  log.info(`Help: ${troubleshooting}#${fault.code.toLowerCase()}`);
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}

/**
 * Attaches the report to the step and, in builds, shows it on the summary page. The agent reads the files after the
 * step has ended and empties its temp folder after the job, so they are left there; they hold no secret.
 */
function handReportOver(agent: Agent, log: Log, report: RunReport): void {
  const file = join(agent.tempFolder, `keyless-delivery-report-${randomUUID()}`);
  try {
    writeFileSync(`${file}.json`, `${JSON.stringify(report, null, 2)}\n`);
    agent.attach(reportAttachmentType, report.task, `${file}.json`);
    if (agent.hostType !== 'build') return;
    writeFileSync(`${file}.md`, reportAsMarkdown(report));
    agent.uploadSummary(`${file}.md`);
  } catch (error) {
    log.warning(`The run report could not be written: ${error instanceof Error ? error.message : error}`);
  }
}
