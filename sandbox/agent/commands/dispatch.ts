/** Obeying logging commands. */

import type { StepContext } from '../job/step-context.ts';
import { worseOf } from '../result.ts';
import { type CommandArea, Disallowed } from './area.ts';
import { type Command, parseCommand, unescapeCommand } from './command.ts';
import {
  artifactArea,
  buildArea,
  codeCoverageArea,
  releaseArea,
  resultsArea,
  telemetryArea,
} from './run-areas.ts';
import { taskArea } from './task-area.ts';

const reference = 'Please reference documentation (http://go.microsoft.com/fwlink/?LinkId=817296)';

const areas: ReadonlyMap<string, CommandArea> = new Map(
  [taskArea, buildArea, artifactArea, releaseArea, telemetryArea, resultsArea, codeCoverageArea].map(
    (area) => [area.name, area],
  ),
);

/**
 * Looks for a command in a line of a step's output and obeys it. A command that fails makes the step fail.
 *
 * @returns false where the line is to be printed as it is
 * @see azure-pipelines-agent, Agent.Worker/WorkerCommandManager.cs
 */
export function obey(step: StepContext, line: string): boolean {
  const command = parseCommand(line, step.job.decodePercents);
  if (command === undefined) {
    if (line.includes('##vso')) {
      step.warn(
        `'${line}' contains logging command keyword '##vso', but it's not a legal command. Please see the list of ` +
          'accepted commands: https://go.microsoft.com/fwlink/?LinkId=817296',
      );
    }
    return false;
  }
  const area = areas.get(command.area.toLowerCase());
  if (area === undefined) {
    step.record(command, 'refused');
    step.warn(`Cannot find command extension for ##vso[${command.area}.command]. ${reference}`);
    return true;
  }
  const { host } = step.job.settings;
  if (!area.hosts.includes(host)) {
    step.record(command, 'refused');
    const flow = host === 'build' ? 'Build' : 'Release';
    step.error(`${command.area} commands are not supported for ${flow} flow. ${reference}`);
    step.commandResult = 'Failed';
    return false;
  }
  // Debug lines are the log's: they are many, and ask the agent for nothing.
  if (area === taskArea && command.event.toLowerCase() === 'debug') {
    step.debug(command.data);
    return true;
  }
  try {
    run(step, area, command);
    step.record(command, 'done');
  } catch (error) {
    step.record(command, 'refused');
    if (error instanceof Disallowed) {
      step.warn(error.message);
      return true;
    }
    step.error(`Unable to process command '${line}' successfully. ${reference}`);
    step.error(error instanceof Error ? error.message : String(error));
    step.commandResult = worseOf(step.commandResult, 'Failed');
  }
  step.debug(`Processed: ${unescapeCommand(line, step.job.decodePercents)}`);
  return true;
}

function run(step: StepContext, area: CommandArea, command: Command): void {
  const handler = area.commands.get(command.event.toLowerCase());
  if (handler === undefined) {
    throw new Error(
      `##vso[${area.name}.${command.event}] is not a recognized command for ${area.name} command extension. ${reference}.`,
    );
  }
  const restricted = step.restrictions.some(({ commandsRestricted }) => commandsRestricted);
  if (restricted && handler.inRestrictedMode !== true) {
    throw new Disallowed(
      `##vso[${command.area}.${command.event}] is not allowed in this step due to policy restrictions. ${reference}`,
    );
  }
  handler.run(step, command);
}
