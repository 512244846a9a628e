/**
 * What happens to a request inside the sandbox: it is read, logged, met by a fault where one is scripted, and
 * answered by the service, or the routed server, that lives at its host.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { FaultScript, type ScriptedFault } from './faults.ts';
import { endToEnd, Forwarder } from './forwarder.ts';
import {
  isForm,
  operationOf,
  plainText,
  type SandboxRequest,
  type SandboxResponse,
  type Site,
} from './http.ts';
import type { Authority } from './pki.ts';
import { type Admission, authenticationRequired, type Exchange } from './proxy.ts';
import { RequestLog } from './request-log.ts';
import type { World } from './world.ts';

interface GatewayOptions {
  /** Its `routes` and `faults` are read at every request. */
  readonly world: World;
  /** The services' clock. */
  readonly now: () => Date;
  /** Read at every request: sites are built after the gateway through which they reach each other. */
  readonly sites: readonly Site[];
  readonly trusted: Authority;
  /** Vouches for hosts whose certificate a fault spoils. */
  readonly untrusted: Authority;
}

/** What becomes of a request. */
type Outcome =
  | { readonly kind: 'answered'; readonly response: SandboxResponse }
  | { readonly kind: 'routed'; readonly to: string }
  | { readonly kind: 'reset' }
  | { readonly kind: 'stalled' };

/** The servers' side of the proxy. */
export class Gateway {
  readonly log = new RequestLog();
  readonly #options: GatewayOptions;
  readonly #faults: FaultScript;
  readonly #forwarder = new Forwarder();
  readonly #closing = new AbortController();

  constructor(options: GatewayOptions) {
    this.#options = options;
    this.#faults = new FaultScript(options.world.faults);
  }

  /** Whether the proxy lets a client through to a host, and who vouches for that host. */
  admit(host: string, method: string): Admission {
    const fault = this.#faults.strike({ host });
    const refusal = this.#refusal(host, fault);
    if (refusal !== undefined) {
      this.turnedDown(host, method, refusal.status);
      return { kind: 'refused', answer: refusal };
    }
    const { trusted, untrusted } = this.#options;
    return { kind: 'admitted', authority: fault?.untrustedCertificate ? untrusted : trusted };
  }

  /** Logs a request that the proxy turned down. */
  turnedDown(host: string, method: string, status: number): void {
    this.log.turnedDown(this.#options.now(), host, method, status);
  }

  /** Answers one request that came through the proxy. */
  async serve({ host, incoming, outgoing, reset, local }: Exchange): Promise<void> {
    const route = this.#options.world.routes[host];
    // Bodies to routed servers may be large and pass as streams; a form is small, and names the operation.
    const body = route === undefined || isForm(incoming.headers) ? await buffer(incoming) : undefined;
    const request = toRequest(incoming, host, body ?? Buffer.alloc(0), this.#options.now());
    const answered = this.log.arrived(request);

    const outcome = await this.#outcome(request, route, local);
    switch (outcome.kind) {
      case 'stalled':
        return;
      case 'reset':
        return reset();
      case 'answered':
        answered(outcome.response.status);
        return this.#send(outgoing, outcome.response);
      case 'routed':
        break;
    }
    const { method, rawUrl } = request;
    const forwarded = { method, rawUrl, headers: incoming.headersDistinct, body: body ?? incoming };
    try {
      const upstream = await this.#forwarder.send(outcome.to, forwarded);
      const status = upstream.statusCode ?? 502;
      answered(status);
      outgoing.writeHead(status, endToEnd(upstream.headersDistinct));
      await pipeline(upstream, outgoing);
    } catch (error) {
      // An answer that had begun is broken off by the pipeline.
      if (outgoing.headersSent) return;
      answered(502);
      this.#send(outgoing, plainText(502, `The route of ${host} failed: ${(error as Error).message}`));
    }
  }

  /**
   * Reads a document as a service would: by the names, routes and faults that clients meet.
   *
   * @throws where a client would see no answer, or would not trust the host
   */
  async get(url: string): Promise<SandboxResponse> {
    const { protocol, hostname: host, pathname: path, search, searchParams: query } = new URL(url);
    if (protocol !== 'https:') throw new Error(`${url} is not an https URL`);
    const admission = this.admit(host, 'CONNECT');
    if (admission.kind === 'refused') throw new Error(`${host} cannot be reached`);
    if (admission.authority === this.#options.untrusted) throw new Error(`${host} is not to be trusted`);
    const request: SandboxRequest = {
      host,
      method: 'GET',
      path,
      query,
      rawUrl: path + search,
      headers: { host },
      body: Buffer.alloc(0),
      at: this.#options.now(),
    };
    const answered = this.log.arrived(request);
    const outcome = await this.#outcome(request, this.#options.world.routes[host]);
    if (outcome.kind === 'reset' || outcome.kind === 'stalled') throw new Error(`${host} does not answer`);
    const response =
      outcome.kind === 'answered'
        ? outcome.response
        : await read(await this.#forwarder.send(outcome.to, request));
    answered(response.status);
    return response;
  }

  /** Ends scripted delays and the connections to routed servers. */
  close(): void {
    this.#closing.abort();
    this.#forwarder.close();
  }

  #refusal(host: string, fault: ScriptedFault | undefined): SandboxResponse | undefined {
    if (fault?.dnsFailure) {
      // As Squid words it, which many company proxies are.
      return plainText(503, `Unable to determine IP address from host name "${host}"`, {
        'X-Squid-Error': 'ERR_DNS_FAIL 0',
      });
    }
    if (fault?.refuseConnect === 407) return authenticationRequired;
    if (fault?.refuseConnect !== undefined) {
      return plainText(fault.refuseConnect, `The proxy does not connect to ${host}.`);
    }
    const known = this.#options.world.routes[host] !== undefined || this.#siteOf(host) !== undefined;
    if (known) return undefined;
    return plainText(
      403,
      `The sandbox has no host ${host}, and lets nothing out to the internet. A server of yours can take the name: write it under routes: in the world file.`,
    );
  }

  async #outcome(
    request: SandboxRequest,
    route: string | undefined,
    local?: Exchange['local'],
  ): Promise<Outcome> {
    const { host, path } = request;
    const fault = this.#faults.strike({ host, request: { operation: operationOf(request), path } });
    if (fault?.delaySeconds !== undefined) {
      await sleep(fault.delaySeconds * 1000, undefined, { signal: this.#closing.signal, ref: false });
    }
    if (fault?.stall) return { kind: 'stalled' };
    if (fault?.reset) return { kind: 'reset' };
    if (fault?.answer !== undefined) return { kind: 'answered', response: fault.answer };
    if (nameOf(request.headers.host) !== (local?.address ?? host)) {
      // RFC 9110 §15.5.20: a request for a host that this connection is not for.
      const words = `This connection is for ${host}; the request's Host is ${request.headers.host}.`;
      return { kind: 'answered', response: plainText(421, words) };
    }
    if (route !== undefined) return { kind: 'routed', to: route };
    const service = local?.service ?? this.#siteOf(host)?.service;
    const response = await (service?.(request) ?? plainText(404, `Nothing lives at ${host} any more.`));
    return { kind: 'answered', response };
  }

  #siteOf(host: string): Site | undefined {
    return this.#options.sites.find((site) => site.serves(host));
  }

  #send(outgoing: ServerResponse, { status, headers, body }: SandboxResponse): void {
    // Clients set their clocks by the Date header, so it is the services' own.
    const date = this.#options.now().toUTCString();
    outgoing.writeHead(status, { Date: date, ...headers, 'Content-Length': Buffer.byteLength(body) });
    outgoing.end(body);
  }
}

function toRequest(incoming: IncomingMessage, host: string, body: Buffer, at: Date): SandboxRequest {
  const rawUrl = incoming.url ?? '/';
  const mark = rawUrl.indexOf('?');
  const headers: Record<string, string> = {};
  for (const [name, values] of Object.entries(incoming.headersDistinct)) {
    if (values !== undefined) headers[name] = values.join(', ');
  }
  return {
    host,
    method: incoming.method ?? 'GET',
    path: mark < 0 ? rawUrl : rawUrl.slice(0, mark),
    query: new URLSearchParams(mark < 0 ? '' : rawUrl.slice(mark + 1)),
    rawUrl,
    headers,
    body,
    at,
  };
}

/** Reads a routed server's answer to its end. */
async function read(upstream: IncomingMessage): Promise<SandboxResponse> {
  const headers = Object.entries(endToEnd(upstream.headersDistinct)).map(([name, values]) => [
    name,
    [values].flat().join(', '),
  ]);
  return {
    status: upstream.statusCode ?? 502,
    headers: Object.fromEntries(headers) as Record<string, string>,
    body: await buffer(upstream),
  };
}

/** The name in a Host header, without its port. */
const nameOf = (host: string | undefined) => host?.toLowerCase().replace(/:\d+$/, '');
