import { readFileSync } from 'node:fs';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { createSecureContext, type SecureContext } from 'node:tls';
import { type ProxySettings, proxyFor } from './proxy.ts';
import { TunnelAgent } from './tunnel.ts';

/** How this machine reaches the outside. Plain data, so that it can be handed to a later process. */
export interface NetworkSettings {
  readonly proxy?: ProxySettings | undefined;
  /** Paths of PEM files with certificate authorities to trust beside Node's own. */
  readonly caFiles?: readonly string[] | undefined;
}

/** What a request to a target is made with: its pool of connections, and whom to trust. */
export interface WayOut {
  readonly agent: HttpAgent;
  /** Absent where Node's own authorities are enough. */
  readonly secureContext?: SecureContext;
}

/** Connections kept alive, one pool for each way out, shared by every client of a process. */
export interface Connections {
  readonly settings: NetworkSettings;
  wayTo(target: URL): WayOut;
  close(): void;
}

/** The file with the certificate authorities to trust cannot be read. */
export class AuthoritiesError extends Error {
  constructor(file: string, cause: unknown) {
    super(`the certificate authorities in ${file} cannot be read`, { cause });
    this.name = 'AuthoritiesError';
  }
}

/** Opens no connection yet; @throws AuthoritiesError when the CA file cannot be read, at the first HTTPS target. */
export function openConnections(settings: NetworkSettings): Connections {
  const pools = new Map<string, HttpAgent>();
  // What NODE_EXTRA_CA_CERTS names, Node trusts by itself; a context of our own is needed only for more than that.
  const { caFiles = [] } = settings;
  const own = caFiles.some((file) => file !== process.env.NODE_EXTRA_CA_CERTS);
  let secureContext: SecureContext | undefined;

  const poolFor = (target: URL): HttpAgent => {
    const proxy = proxyFor(target, settings.proxy);
    const key = proxy ? proxy.href : target.protocol;
    const pool = pools.get(key) ?? create(target, proxy);
    pools.set(key, pool);
    return pool;
  };

  return {
    settings,
    wayTo(target) {
      const agent = poolFor(target);
      if (target.protocol === 'http:' || !own) return { agent };
      secureContext ??= trustAlso(caFiles.map(authoritiesIn).join('\n'));
      return { agent, secureContext };
    },
    close() {
      for (const pool of pools.values()) pool.destroy();
      pools.clear();
    },
  };
}

function authoritiesIn(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new AuthoritiesError(file, error);
  }
}

/**
 * Node's own authorities and those of a PEM text. The `ca` option would replace Node's, and giving all of them back as
 * PEM costs about 50 ms a connection; adding to a context, as VS Code does it, costs 1 ms once. Node has the same as
 * `tls.setDefaultCACertificates` only from 22.19 on.
 */
function trustAlso(pem: string): SecureContext {
  const secureContext = createSecureContext() as SecureContext & {
    context: { addCACert(pem: string): void };
  };
  for (const [certificate] of pem.matchAll(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g)) {
    secureContext.context.addCACert(certificate);
  }
  return secureContext;
}

function create(target: URL, proxy: URL | undefined): HttpAgent {
  if (proxy) return new TunnelAgent(proxy);
  return target.protocol === 'http:'
    ? new HttpAgent({ keepAlive: true })
    : new HttpsAgent({ keepAlive: true });
}
