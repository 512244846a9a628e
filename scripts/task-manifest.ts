import { z } from 'zod';

/*
 * What Azure Pipelines takes as a task.json. The server drops what it does not know and tfx only warns, so a
 * misspelt property is lost silently; here every object is strict and the build stops.
 * Source: the property tables of https://learn.microsoft.com/azure/devops/extend/develop/integrate-build-task and
 * of the schema in microsoft/azure-pipelines-task-lib, narrowed to what these tasks may use (handlers of a Node
 * that is still supported, no dataSourceBindings, no server tasks).
 */

const variableName = z.string().regex(/^[A-Za-z][A-Za-z0-9]*$/);
const flag = z.enum(['True', 'False']);
const count = z.string().regex(/^\d+$/);

const target = z.strictObject({ target: z.string().regex(/^[a-z0-9-]+\.js$/) });

/** Both handlers, always: an agent may run a task on Node 20 although it also has Node 24. */
const handlers = z
  .strictObject({ Node20_1: target, Node24: target })
  .refine(
    ({ Node20_1, Node24 }) => Node20_1.target === Node24.target,
    'Node20_1 and Node24 have to start the same file',
  );

const group = z.strictObject({
  name: variableName,
  displayName: z.string().min(1),
  isExpanded: z.boolean(),
  visibleRule: z.string().optional(),
});

const input = z.strictObject({
  name: variableName,
  aliases: z.array(variableName).optional(),
  label: z.string().min(1),
  type: z.union([
    z.enum(['boolean', 'filePath', 'multiLine', 'pickList', 'radio', 'secureFile', 'string', 'int']),
    z.string().regex(/^connectedService:.+$/),
  ]),
  options: z.record(z.string(), z.string()).optional(),
  defaultValue: z.union([z.string(), z.boolean()]),
  required: z.boolean(),
  groupName: z.string(),
  visibleRule: z.string().optional(),
  properties: z
    .strictObject({
      EditableOptions: flag.optional(),
      MultiSelect: flag.optional(),
      MultiSelectFlatList: flag.optional(),
      PopulateDefaultValue: flag.optional(),
      resizable: z.boolean().optional(),
      rows: count.optional(),
      maxLength: count.optional(),
    })
    .optional(),
  helpMarkDown: z.string().min(1),
});

const taskManifest = z.strictObject({
  $schema: z.string().optional(),
  id: z.guid(),
  name: z.string().regex(/^[A-Za-z0-9-]+$/),
  friendlyName: z.string().min(1).max(40),
  description: z.string().min(1),
  helpUrl: z.url(),
  helpMarkDown: z.string().min(1),
  author: z.string().min(1),
  category: z.enum(['Build', 'Utility', 'Test', 'Package', 'Deploy']),
  visibility: z.array(z.enum(['Build', 'Release'])).min(1),
  runsOn: z.array(z.enum(['Agent', 'MachineGroup', 'DeploymentGroup'])).min(1),
  version: z.strictObject({
    Major: z.int().nonnegative(),
    Minor: z.int().nonnegative(),
    Patch: z.int().nonnegative(),
  }),
  minimumAgentVersion: z.string().regex(/^\d+\.\d+\.\d+$/),
  instanceNameFormat: z.string().min(1),
  releaseNotes: z.string().optional(),
  groups: z.array(group),
  inputs: z.array(input),
  outputVariables: z.array(z.strictObject({ name: variableName, description: z.string().min(1) })),
  execution: handlers,
  postjobexecution: handlers.optional(),
  restrictions: z.strictObject({
    commands: z.strictObject({ mode: z.enum(['any', 'restricted']) }).optional(),
    settableVariables: z.strictObject({ allowed: z.array(z.string().min(1)) }),
  }),
});

export type TaskManifest = z.infer<typeof taskManifest>;

/** Parses a task.json; the error names `file` and every property that Azure Pipelines would not take. */
export function parseTaskManifest(json: string, file: string): TaskManifest {
  const parsed = taskManifest.safeParse(JSON.parse(json));
  if (!parsed.success) throw new Error(`${file} is not a valid task.json\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** The files an agent starts for this task, in the order of the job: `['main.js', 'post-job.js']`. */
export function handlerTargets(manifest: TaskManifest): string[] {
  return [manifest.execution, manifest.postjobexecution].flatMap((stage) =>
    stage ? [stage.Node24.target] : [],
  );
}
