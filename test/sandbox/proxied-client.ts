/** A small HTTP client that asks through a sandbox's proxy and trusts its authority, as a task on its machine does. */
import { readFileSync } from 'node:fs';
import { type Agent, type OutgoingHttpHeaders, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { buffer } from 'node:stream/consumers';
import { HttpsProxyAgent } from 'https-proxy-agent';

export interface Asked {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Buffer;
}

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** Where a client finds the proxy, and whom it trusts. */
export interface Way {
  readonly proxyUrl: string;
  readonly proxyCredentials?: { readonly user: string; readonly password: string };
  readonly caFile: string;
}

/** Asks once, over a connection of its own unless an agent is given. */
export async function ask(way: Way, url: string, asked: Asked = {}, agent?: Agent): Promise<Answered> {
  const target = new URL(url);
  return target.protocol === 'https:'
    ? askInTunnel(way, target, asked, agent)
    : askInAbsoluteForm(way, target, asked);
}

/** An agent that keeps its tunnels. */
export const keepingAgent = (way: Way): HttpsProxyAgent<string> =>
  new HttpsProxyAgent(proxyWithCredentials(way), { keepAlive: true });

function askInTunnel(way: Way, url: URL, { method, headers, body }: Asked, agent?: Agent): Promise<Answered> {
  const request = requestHttps(url, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: headers ?? {},
    agent: agent ?? new HttpsProxyAgent(proxyWithCredentials(way)),
    ca: readFileSync(way.caFile),
    servername: url.hostname,
  });
  return answerOf(request, body);
}

/** RFC 9112 §3.2.2. */
function askInAbsoluteForm(way: Way, url: URL, { method, headers, body }: Asked): Promise<Answered> {
  const { hostname, port } = new URL(way.proxyUrl);
  const credentials = way.proxyCredentials;
  const request = requestHttp({
    hostname,
    port,
    path: url.href,
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      host: url.host,
      ...(credentials && {
        'proxy-authorization': `Basic ${Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64')}`,
      }),
      ...headers,
    },
  });
  return answerOf(request, body);
}

function proxyWithCredentials({ proxyUrl, proxyCredentials }: Way): string {
  const url = new URL(proxyUrl);
  url.username = encodeURIComponent(proxyCredentials?.user ?? '');
  url.password = encodeURIComponent(proxyCredentials?.password ?? '');
  return url.href;
}

function answerOf(request: ReturnType<typeof requestHttp>, body?: string | Buffer): Promise<Answered> {
  return new Promise((resolve, reject) => {
    request.on('error', reject);
    request.on('response', (response) => {
      buffer(response).then(
        (bytes) =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: bytes.toString('utf8'),
          }),
        reject,
      );
    });
    request.end(body);
  });
}
