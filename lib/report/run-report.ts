import * as z from 'zod/mini';

/** The type under which a report is attached to its step's timeline record. */
export const reportAttachmentType = 'keyless-delivery.report';

/** The version below changes when a reader of the older form would misread the newer one. */
export const reportVersion = 1;

const step = z.object({
  title: z.string(),
  outcome: z.enum(['succeeded', 'failed', 'canceled']),
  seconds: z.number(),
});

const table = z.object({
  title: z.string(),
  /** The first row holds the headings. */
  rows: z.array(z.array(z.string())),
});

/** What one run of one task did. Holds no secret; texts may come from outside and are escaped by whoever shows them. */
export const runReport = z.object({
  schema: z.literal(reportAttachmentType),
  version: z.literal(reportVersion),
  task: z.string(),
  outcome: z.enum(['succeeded', 'failed', 'canceled']),
  /** One sentence, the same as the step's result. */
  summary: z.string(),
  /** ISO 8601, UTC. */
  startedAt: z.string(),
  finishedAt: z.string(),
  steps: z.array(step),
  /** Names and values worth knowing afterwards: accounts, ARNs, claims. */
  facts: z.array(z.object({ name: z.string(), value: z.string() })),
  tables: z.array(table),
  warnings: z.array(z.string()),
  error: z.optional(
    z.object({
      code: z.string(),
      what: z.string(),
      why: z.optional(z.string()),
      remedy: z.optional(z.string()),
      requestId: z.optional(z.string()),
    }),
  ),
});

export type RunReport = z.infer<typeof runReport>;
