import type { RecordedRequest, Sandbox } from '../../sandbox/sandbox.ts';
import { type Answered, ask } from '../sandbox/proxied-client.ts';

/** A signed request as somebody between a client and STS might see it. */
export interface SeenRequest {
  host: string;
  body: string;
  headers: Record<string, string>;
}

/** A request that STS had, ready to be sent again. The body of a query-protocol call is its form. */
export function seen({ host, headers, form }: RecordedRequest): SeenRequest {
  return { host, headers: { ...headers }, body: new URLSearchParams(form).toString() };
}

/** Sends a request that somebody else has signed. */
export function replay(sandbox: Sandbox, { host, headers, body }: SeenRequest): Promise<Answered> {
  return ask(sandbox, `https://${host}/`, { headers: { ...headers, host }, body });
}
