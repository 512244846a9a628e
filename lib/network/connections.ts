import { readFileSync } from 'node:fs';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { rootCertificates } from 'node:tls';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { type ProxySettings, proxyFor } from './proxy.ts';

/** How this machine reaches the outside. Plain data, so that it can be handed to a later process. */
export interface NetworkSettings {
  readonly proxy?: ProxySettings | undefined;
  /** Path of a PEM file with certificate authorities to trust beside Node's own. */
  readonly caFile?: string | undefined;
}

/** A proxy answered CONNECT with something other than 200. */
export class ProxyRefusedError extends Error {
  readonly statusCode: number;
  readonly proxy: string;

  constructor(proxy: URL, statusCode: number, statusText: string) {
    super(`the proxy ${proxy.host} answered ${statusCode} ${statusText}`.trim());
    this.name = 'ProxyRefusedError';
    this.proxy = proxy.host;
    this.statusCode = statusCode;
  }
}

/** Connections kept alive, one pool for each way out, shared by every client of a process. */
export interface Connections {
  readonly settings: NetworkSettings;
  agentFor(target: URL): HttpAgent;
  close(): void;
}

/** Opens no connection yet; @throws ENOENT when the CA file cannot be read, at the first HTTPS target. */
export function openConnections(settings: NetworkSettings): Connections {
  const pools = new Map<string, HttpAgent>();
  let authorities: { ca: string[] } | Record<string, never> | undefined;

  const create = (target: URL, proxy: URL | undefined): HttpAgent => {
    if (target.protocol === 'http:') return new HttpAgent({ keepAlive: true });
    authorities ??= settings.caFile
      ? { ca: [...rootCertificates, readFileSync(settings.caFile, 'utf8')] }
      : {};
    const options = { keepAlive: true, ...authorities };
    return proxy ? tunnel(proxy, options) : new HttpsAgent(options);
  };

  return {
    settings,
    agentFor(target) {
      const proxy = proxyFor(target, settings.proxy);
      const key = proxy ? proxy.href : target.protocol;
      const pool = pools.get(key) ?? create(target, proxy);
      pools.set(key, pool);
      return pool;
    },
    close() {
      for (const pool of pools.values()) pool.destroy();
      pools.clear();
    },
  };
}

function tunnel(proxy: URL, options: { keepAlive: boolean; ca?: string[] }): HttpAgent {
  const agent = new HttpsProxyAgent(proxy, options);
  // The library hands a refused CONNECT on as if the target had answered; thrown here, it fails the request instead.
  agent.on('proxyConnect', ({ statusCode, statusText }: { statusCode: number; statusText: string }) => {
    if (statusCode !== 200) throw new ProxyRefusedError(proxy, statusCode, statusText);
  });
  return agent;
}
