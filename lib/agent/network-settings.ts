import { DeliveryError } from '../errors/index.ts';
import type { NetworkSettings, ProxySettings } from '../network/index.ts';
import { proxyFromStandardVariables } from '../network/index.ts';
import type { Agent } from './agent.ts';

/**
 * How this agent's machine reaches the outside: the proxy and the certificate authorities the agent was configured
 * with (`./config.sh --proxyurl … --sslcacert …`), else the machine's standard variables. What NODE_EXTRA_CA_CERTS names
 * is trusted as well: Node forgets it where other authorities are given.
 * @throws DeliveryError INPUT_INVALID when the proxy is none that can be used
 */
export function networkSettings(agent: Agent, environment: NodeJS.ProcessEnv): NetworkSettings {
  return {
    proxy:
      usable("the agent's proxy URL", () => agentProxy(agent)) ??
      usable('the variable HTTPS_PROXY', () => proxyFromStandardVariables(environment)),
    caFiles: [agent.variable('Agent.CAInfo'), environment.NODE_EXTRA_CA_CERTS].flatMap((file) => file || []),
  };
}

/** Refuses what is no URL, and proxies of other kinds. The text is not shown: it may hold a password. */
function usable(place: string, read: () => ProxySettings | undefined): ProxySettings | undefined {
  try {
    const proxy = read();
    if (proxy === undefined || /^https?:$/.test(new URL(proxy.url).protocol)) return proxy;
  } catch {
    // Said below: the error's own text holds the URL.
  }
  throw new DeliveryError({
    code: 'INPUT_INVALID',
    what: `One setting cannot work: ${place} is no URL of the form http://host:port.`,
    remedy: 'Correct it (./config.sh --proxyurl http://host:port). SOCKS proxies are not supported.',
  });
}

function agentProxy(agent: Agent): ProxySettings | undefined {
  const url = agent.variable('Agent.ProxyUrl');
  if (!url) return undefined;
  return {
    url,
    username: agent.variable('Agent.ProxyUsername'),
    password: agent.variable('Agent.ProxyPassword'),
    bypass: { form: 'agent', patterns: bypassPatterns(agent.variable('Agent.ProxyBypassList')) },
  };
}

/** The agent writes its list as a JSON array of regular expressions; what is none is passed over, as the agent does. */
function bypassPatterns(list: string | undefined): string[] {
  const parsed = attempt(() => JSON.parse(list ?? '[]') as unknown);
  const texts = Array.isArray(parsed) ? parsed.filter((item) => typeof item === 'string') : [];
  return texts.filter((pattern) => attempt(() => new RegExp(pattern)) !== undefined);
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
