/**
 * Scripted faults: what goes wrong, where and how often. They stand in the world file (`faults:`) or are added by a
 * test while the sandbox runs.
 */
import { z } from 'zod';

const answer = z.strictObject({
  status: z.int().min(200).max(599),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.string().default(''),
});

/** The shape of a fault in the world file. */
export const faultSchema = z.strictObject({
  /** Exact host name, or `*` for all. */
  host: z.string().min(1),
  /** The operation asked for, as `operationOf` names it. */
  operation: z.string().min(1).optional(),
  /** The path begins so. */
  path: z.string().startsWith('/').optional(),
  /** How often it strikes; without it, always. */
  times: z.int().min(1).optional(),
  /** Answered in place of the service. */
  answer: answer.optional(),
  /** The connection is reset after the request was read. */
  reset: z.literal(true).optional(),
  /** The request is read and never answered. */
  stall: z.literal(true).optional(),
  /** The service answers after so many seconds; may stand beside `answer` or `reset`. */
  delaySeconds: z.number().positive().optional(),
  /** The proxy refuses the tunnel with this status. */
  refuseConnect: z.int().min(400).max(599).optional(),
  /** TLS is ended with a certificate of an authority nobody trusts. */
  untrustedCertificate: z.literal(true).optional(),
  /** The proxy cannot resolve the name. */
  dnsFailure: z.literal(true).optional(),
});

/** A scripted fault. */
export type Fault = z.input<typeof faultSchema>;
