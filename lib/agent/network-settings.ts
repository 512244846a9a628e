import type { NetworkSettings, ProxySettings } from '../network/index.ts';
import { proxyFromStandardVariables } from '../network/index.ts';
import type { Agent } from './agent.ts';

/**
 * How this agent's machine reaches the outside: the proxy and the certificate authorities the agent was configured
 * with (`./config.sh --proxyurl … --sslcacert …`), else the machine's standard variables. NODE_EXTRA_CA_CERTS needs
 * no word here: Node reads it itself.
 */
export function networkSettings(agent: Agent, environment: NodeJS.ProcessEnv): NetworkSettings {
  return {
    proxy: agentProxy(agent) ?? proxyFromStandardVariables(environment),
    caFile: agent.variable('Agent.CAInfo') ?? environment.NODE_EXTRA_CA_CERTS,
  };
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

/** The agent writes its list as a JSON array of regular expressions; one that does not compile is passed over. */
function bypassPatterns(list: string | undefined): string[] {
  const parsed: unknown = list ? JSON.parse(list) : [];
  const texts = Array.isArray(parsed) ? parsed.filter((item) => typeof item === 'string') : [];
  return texts.filter((pattern) => {
    try {
      return Boolean(new RegExp(pattern));
    } catch {
      return false;
    }
  });
}
