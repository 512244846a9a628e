/** `##vso[task.setendpoint]`: changes a service connection for the steps that follow. */
import { type CommandHandler, property } from './area.ts';

const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** The system's own connection. */
const nil = '00000000-0000-0000-0000-000000000000';

/** @see azure-pipelines-agent, TaskCommandExtension.cs, TaskSetEndpointCommand */
export const setEndpoint: CommandHandler = {
  run(step, command) {
    const { data } = command;
    if (data === '') throw new Error('Enter a valid value for setendpoint.');
    const field = property(command, 'field')?.toLowerCase();
    if (field === undefined)
      throw new Error("Required field 'field' is missing in ##vso[task.setendpoint] command.");
    // Masked before anything else is looked at, so that a mistake elsewhere does not print it.
    if (field === 'authparameter') step.job.masker.add(data);

    const id = property(command, 'id')?.toLowerCase();
    if (id === undefined)
      throw new Error("Required field 'id' is missing in ##vso[task.setendpoint] command.");
    if (!guid.test(id)) throw new Error('Invalid endpoint id.');
    if (id === nil) {
      step.warn(
        "Modification of system endpoint 'SystemVssConnection' is not allowed via setendpoint command.",
      );
      return;
    }
    const connection = step.job.connections.get(id);
    if (connection === undefined) {
      throw new Error(
        `Service connection with id '${id}' is not declared in the pipeline job and therefore can't be referenced in task.setendpoint commands.`,
      );
    }
    if (field === 'url') {
      if (!URL.canParse(data)) throw new Error('Invalid endpoint Url.');
      step.job.connections.set(id, { ...connection, url: data });
      return;
    }
    const key = property(command, 'key');
    if (key === undefined)
      throw new Error("Required field 'key' is missing in ##vso[task.setendpoint] command.");
    if (field === 'dataparameter') {
      step.job.connections.set(id, { ...connection, data: { ...connection.data, [key]: data } });
    } else if (field === 'authparameter') {
      step.job.connections.set(id, { ...connection, parameters: { ...connection.parameters, [key]: data } });
    } else {
      throw new Error('Invalid endpoint field. Valid values are url, dataParameter and authParameter');
    }
  },
};
