/** task.json: what a task says of itself. Unknown fields of other people's tasks are left alone. */
import { z } from 'zod';

const texts = z.array(z.string());

/** Numbers and booleans stand where task authors mean their text. */
const text = z.union([z.string(), z.number(), z.boolean()]).transform(String);

/** Version parts are numbers, in many files written as texts. */
const versionPart = z.union([z.int(), z.string().regex(/^\d+$/).transform(Number)]);

const input = z.object({
  name: z.string(),
  aliases: texts.default([]),
  type: z.string().default('string'),
  label: z.string().optional(),
  defaultValue: text.optional(),
  required: z.union([z.boolean(), z.stringbool()]).default(false),
  visibleRule: z.string().optional(),
  options: z.record(z.string(), z.unknown()).default({}),
  properties: z.record(z.string(), text).default({}),
});

const handler = z.looseObject({ target: z.string(), workingDirectory: z.string().optional() });

const handlers = z.record(z.string(), handler);

const definition = z.object({
  id: z.guid().toLowerCase(),
  name: z.string(),
  friendlyName: z.string().default(''),
  description: z.string().default(''),
  author: z.string().default(''),
  helpUrl: z.string().optional(),
  helpMarkDown: z.string().default(''),
  version: z.object({ Major: versionPart, Minor: versionPart, Patch: versionPart }),
  minimumAgentVersion: z.string().optional(),
  inputs: z.array(input).default([]),
  outputVariables: z.array(z.object({ name: z.string() })).default([]),
  prejobexecution: handlers.optional(),
  execution: handlers.optional(),
  postjobexecution: handlers.optional(),
  restrictions: z
    .object({
      commands: z.object({ mode: z.string() }).optional(),
      settableVariables: z.object({ allowed: texts.optional() }).optional(),
    })
    .optional(),
});

/** A task as its task.json defines it. */
export type TaskDefinition = z.infer<typeof definition>;
/** An input of a task. */
export type TaskInput = z.infer<typeof input>;
/** The ways in which a task can run in one stage, by the handler's name. */
export type Handlers = z.infer<typeof handlers>;

/**
 * Reads a task.json, which may begin with a byte order mark.
 *
 * @throws Error naming the file and every field that cannot be used
 */
export function parseTaskDefinition(json: string, file: string): TaskDefinition {
  let value: unknown;
  try {
    value = JSON.parse(json.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new Error(`${file} is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const result = definition.safeParse(value);
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new Error(`${file} is no task definition: ${faults.join('; ')}`);
}

/** `Major.Minor.Patch`. */
export const versionOf = ({ version }: TaskDefinition): string =>
  `${version.Major}.${version.Minor}.${version.Patch}`;
