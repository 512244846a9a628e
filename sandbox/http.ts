/**
 * What every simulated service is: a function from a request to an answer. Sockets, TLS, host names, faults and
 * the request log are the proxy's and the sandbox's business; a service sees none of them.
 */
import type { World } from './world.ts';

/** A whole request, read to its end. */
export interface SandboxRequest {
  /** Name the client asked for, lower case, without port. */
  readonly host: string;
  readonly method: string;
  /** Path as sent, still percent-encoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Path and query as sent, which is what signatures cover. */
  readonly rawUrl: string;
  /** Header names in lower case; a header sent several times is joined by `, ` (RFC 9110 §5.3). */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** When it arrived, by the services' clock. */
  readonly at: Date;
}

/** An answer. `Content-Length`, `Date` and `Connection` are added by the server. */
export interface SandboxResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** A simulated service. It throws only by mistake; a refusal is an answer. */
export type Service = (request: SandboxRequest) => Promise<SandboxResponse> | SandboxResponse;

/** A service and the host names it lives at. */
export interface Site {
  /** Whether this site answers for a host name (lower case, no port). */
  readonly serves: (host: string) => boolean;
  readonly service: Service;
}

/** What a service may know of the place it runs in. */
export interface Surroundings {
  /** Read at every request, never copied: tests change it while the sandbox runs. */
  readonly world: World;
  /** The services' clock. */
  readonly now: () => Date;
  /** To be told every secret before it is handed out, so that tests can search for leaks. */
  readonly rememberSecret: (secret: string) => void;
  /**
   * Reads a document of another service, as STS reads an issuer's keys: by the same names, routes and faults as a
   * client would. Rejects where a client would see no answer at all.
   */
  readonly get: (url: string) => Promise<SandboxResponse>;
}

/** An answer in JSON. */
export function json(
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): SandboxResponse {
  return {
    status,
    headers: { 'Content-Type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(value),
  };
}

/** An answer in plain text. */
export function plainText(
  status: number,
  words: string,
  headers: Readonly<Record<string, string>> = {},
): SandboxResponse {
  return { status, headers: { 'Content-Type': 'text/plain; charset=utf-8', ...headers }, body: `${words}\n` };
}

/** Whether a body is said to be a form (`application/x-www-form-urlencoded`). */
export function isForm(headers: { readonly 'content-type'?: string | undefined }): boolean {
  return /^application\/x-www-form-urlencoded\b/i.test(headers['content-type'] ?? '');
}

/** Fields of a form post, or undefined where the body is something else. */
export function formOf(request: SandboxRequest): URLSearchParams | undefined {
  return isForm(request.headers) ? new URLSearchParams(request.body.toString('utf8')) : undefined;
}

/**
 * The name of what a request asks for: `Action` in AWS's query protocol, the part of `X-Amz-Target` after the dot in
 * its JSON protocols, and elsewhere the path's last segment (`oidctoken`, `openid-configuration`).
 */
export function operationOf(request: SandboxRequest): string {
  const target = request.headers['x-amz-target'];
  if (target !== undefined) return target.slice(target.lastIndexOf('.') + 1);
  return (
    formOf(request)?.get('Action') ??
    request.query.get('Action') ??
    request.path.slice(request.path.lastIndexOf('/') + 1)
  );
}
