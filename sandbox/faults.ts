/**
 * Scripted faults: what goes wrong, where and how often. They stand in the world file (`faults:`) or are added by a
 * test while the sandbox runs.
 */
import { z } from 'zod';
import { section } from './checked-yaml.ts';

const answer = section({
  status: z.int('write an HTTP status').min(200, 'write 200 to 599').max(599, 'write 200 to 599'),
  headers: z.record(z.string(), z.string('write a text')).default({}),
  body: z.string('write a text').default(''),
});

/** What strikes before there is a request: only the host is known then. */
const connectEffects = ['refuseConnect', 'untrustedCertificate', 'dnsFailure'] as const;
const requestEffects = ['answer', 'reset', 'stall', 'delaySeconds'] as const;

const flag = z.literal(true, 'write true, or leave it out').optional();

/** A fault as the world file has it. */
export const faultSchema = section({
  /** Exact host name, or `*` for every host. */
  host: z.string('write a host name, or "*"').min(1, 'write a host name, or "*"'),
  /** The operation asked for, as `operationOf` names it. */
  operation: z.string().min(1).optional(),
  /** How the path begins. */
  path: z.string().startsWith('/', 'write how the path begins, with its /').optional(),
  /** How often it strikes; without it, always. */
  times: z.int().min(1, 'write 1 or more').optional(),
  /** Answered in the service's place. */
  answer: answer.optional(),
  /** The connection is reset once the request was read. */
  reset: flag,
  /** The request is read and never answered. */
  stall: flag,
  /** The answer comes so much later; alone, it is the service's own. */
  delaySeconds: z.number('write seconds').positive('write seconds above 0').optional(),
  /** The proxy answers CONNECT with this status. */
  refuseConnect: z.int().min(400, 'write 400 to 599').max(599, 'write 400 to 599').optional(),
  /** TLS is ended with a certificate of an authority that nobody trusts. */
  untrustedCertificate: flag,
  /** The proxy answers as when a name cannot be resolved. */
  dnsFailure: flag,
}).superRefine((fault, context) => {
  const effects = [...requestEffects, ...connectEffects].filter((effect) => fault[effect] !== undefined);
  const delayed = effects.filter((effect) => effect !== 'delaySeconds');
  if (effects.length === 0 || delayed.length > 1) {
    const all = [...requestEffects, ...connectEffects].join(', ');
    context.addIssue({
      code: 'custom',
      message: `write one of ${all} (delaySeconds may stand beside answer, reset or stall)`,
    });
  }
  const early = connectEffects.find((effect) => fault[effect] !== undefined);
  if (early === undefined) return;
  for (const key of ['operation', 'path', 'delaySeconds'] as const) {
    if (fault[key] === undefined) continue;
    context.addIssue({
      code: 'custom',
      path: [key],
      message: `take it out: ${early} strikes before any request`,
    });
  }
});

/** A scripted fault as people write it. */
export type Fault = z.input<typeof faultSchema>;
/** A scripted fault with its defaults. */
export type ScriptedFault = z.output<typeof faultSchema>;

/** What a fault is matched against; `operation` and `path` are absent while only a connection is asked for. */
interface Occasion {
  readonly host: string;
  readonly request?: { readonly operation: string; readonly path: string };
}

/** Decides, per occasion, which fault strikes, and counts. */
export class FaultScript {
  readonly #faults: readonly ScriptedFault[];
  readonly #struck = new WeakMap<ScriptedFault, number>();

  /** @param faults read at every occasion, so more may be added */
  constructor(faults: readonly ScriptedFault[]) {
    this.#faults = faults;
  }

  /** The first fault that matches and has strikes left; it has one less afterwards. */
  strike(occasion: Occasion): ScriptedFault | undefined {
    const fault = this.#faults.find((candidate) => this.#isLeft(candidate) && matches(candidate, occasion));
    if (fault !== undefined) this.#struck.set(fault, this.#strikesOf(fault) + 1);
    return fault;
  }

  #strikesOf(fault: ScriptedFault): number {
    return this.#struck.get(fault) ?? 0;
  }

  #isLeft(fault: ScriptedFault): boolean {
    return fault.times === undefined || this.#strikesOf(fault) < fault.times;
  }
}

function matches(fault: ScriptedFault, { host, request }: Occasion): boolean {
  if (fault.host !== '*' && fault.host !== host) return false;
  const early = connectEffects.some((effect) => fault[effect] !== undefined);
  if (request === undefined) return early;
  return (
    !early &&
    (fault.operation === undefined || fault.operation === request.operation) &&
    (fault.path === undefined || request.path.startsWith(fault.path))
  );
}
