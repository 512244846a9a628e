/** What the simulated servers were asked, kept in memory only: headers and forms hold secrets. */
import { formOf, operationOf, type SandboxRequest } from './http.ts';

/** A request as a server saw it. */
export interface RecordedRequest {
  readonly at: Date;
  readonly host: string;
  /** `CONNECT` where the proxy itself turned the client down. */
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  /** As `operationOf` names it; absent where the proxy itself turned the client down. */
  readonly operation?: string;
  /** Fields of a form post. */
  readonly form?: Readonly<Record<string, string>>;
  /** Absent until answered, and for ever after a reset or a stall. */
  readonly status?: number;
}

/** Requests in the order of arrival. */
export class RequestLog {
  readonly entries: RecordedRequest[] = [];

  /** Logs an arrival; the function it returns is called with the answer's status. */
  arrived(request: SandboxRequest): (status: number) => void {
    const { at, host, method, path, query, headers } = request;
    const form = formOf(request);
    const entry: RecordedRequest & { status?: number } = {
      at,
      host,
      method,
      path,
      query,
      headers,
      operation: operationOf(request),
      ...(form && { form: Object.fromEntries(form) }),
    };
    this.entries.push(entry);
    return (status) => {
      entry.status = status;
    };
  }

  /** Logs a request that the proxy turned down before any server saw it. */
  turnedDown(at: Date, host: string, method: string, status: number): void {
    this.entries.push({ at, host, method, path: '', query: new URLSearchParams(), headers: {}, status });
  }
}
