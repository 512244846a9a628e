/** `##vso[task.logdetail]`: timeline records of a task's own, checked as the agent checks them. */
import { type CommandHandler, property } from './area.ts';

const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const nil = '00000000-0000-0000-0000-000000000000';

/** @see azure-pipelines-agent, TaskCommandExtension.cs, TaskDetailCommand */
export const logDetail: CommandHandler = {
  inRestrictedMode: true,
  run(step, command) {
    const { details } = step.job;
    const id = property(command, 'id')?.toLowerCase();
    if (id === undefined || !guid.test(id) || id === nil) {
      throw new Error("Can't update timeline record, timeline record id is not provided.");
    }
    const parent = property(command, 'parentid')?.toLowerCase();
    if (details.has(id)) {
      if (parent !== undefined && parent !== details.get(id)) {
        throw new Error("Can't change parent timeline record of an existing timeline record.");
      }
      return;
    }
    if (property(command, 'name') === undefined)
      throw new Error('Name is required for this new timeline record.');
    if (property(command, 'type') === undefined)
      throw new Error('Type is required for this new timeline record.');
    if (parent !== undefined && parent !== nil && !details.has(parent)) {
      throw new Error('Parent timeline record has not been created for this new timeline record.');
    }
    details.set(id, parent);
  },
};
