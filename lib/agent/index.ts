export type { Agent, Endpoint, HostType } from './agent.ts';
export { type InputReader, listOf, readInputs, type Sourced } from './input-reader.ts';
export { networkSettings } from './network-settings.ts';
export { runTask, type Task } from './run-task.ts';
