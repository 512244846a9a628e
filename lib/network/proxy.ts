import { BlockList, isIP, isIPv6 } from 'node:net';

/** Which hosts are reached without the proxy: the agent's own list, or the standard NO_PROXY variable. */
export type ProxyBypass =
  | { readonly form: 'agent'; readonly patterns: readonly string[] }
  | { readonly form: 'no_proxy'; readonly entries: readonly string[] };

/** A forward proxy for HTTPS targets. Plain data, so that it can be handed to a later process. */
export interface ProxySettings {
  /** http://host:port or https://host:port, without credentials. */
  readonly url: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly bypass: ProxyBypass;
}

/**
 * The proxy that a target is reached through, with credentials in the URL, or undefined when it is reached
 * directly. Loopback and link-local targets are never proxied: seen from the proxy they are other machines.
 */
export function proxyFor(target: URL, proxy: ProxySettings | undefined): URL | undefined {
  if (!proxy || target.protocol !== 'https:' || isLocal(target.hostname)) return undefined;
  if (isBypassed(target, proxy.bypass)) return undefined;
  const url = new URL(proxy.url);
  if (proxy.username) url.username = encodeURIComponent(proxy.username);
  if (proxy.password) url.password = encodeURIComponent(proxy.password);
  return url;
}

/**
 * HTTPS_PROXY (or https_proxy) and NO_PROXY as curl and the AWS CLI read them.
 * @throws TypeError when the variable is no URL
 */
export function proxyFromStandardVariables(environment: NodeJS.ProcessEnv): ProxySettings | undefined {
  const value = environment.https_proxy || environment.HTTPS_PROXY;
  if (!value) return undefined;
  const url = new URL(value.includes('://') ? value : `http://${value}`);
  const list = environment.no_proxy || environment.NO_PROXY || '';
  return {
    url: `${url.protocol}//${url.host}`,
    username: decoded(url.username) || undefined,
    password: decoded(url.password) || undefined,
    bypass: { form: 'no_proxy', entries: list.split(/[\s,]+/).filter(Boolean) },
  };
}

/** A per cent sign that begins no escape stands for itself, as in curl. */
function decoded(text: string): string {
  return text.replace(/(?:%[\da-f]{2})+/gi, (escapes) => {
    try {
      return decodeURIComponent(escapes);
    } catch {
      return escapes;
    }
  });
}

function isLocal(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname === '[::1]' ||
    hostname.startsWith('127.') ||
    hostname.startsWith('169.254.')
  );
}

function isBypassed(target: URL, bypass: ProxyBypass): boolean {
  if (bypass.form === 'agent') {
    // Regular expressions over scheme, host and a port of its own, without path (the agent's AgentWebProxy.cs).
    return bypass.patterns.some((pattern) => new RegExp(pattern, 'i').test(target.origin));
  }
  return bypass.entries.some((entry) => matchesNoProxy(target, entry));
}

/**
 * One NO_PROXY entry: `*`, `host`, `.suffix`, `host:port`, an address, or a network as `10.0.0.0/8`. A bare host also
 * covers its subdomains, as in curl. A name is not looked up to see whether its address is in a network.
 */
function matchesNoProxy(target: URL, entry: string): boolean {
  if (entry === '*') return true;
  const host = withoutBrackets(target.hostname.toLowerCase());
  if (entry.includes('/')) return isInNetwork(host, entry);
  if (isIP(entry)) return isInNetwork(host, `${entry}/${isIPv6(entry) ? 128 : 32}`);
  const [, name = entry, port] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
  if (port && port !== (target.port || '443')) return false;
  if (isIPv6(withoutBrackets(name))) return isInNetwork(host, `${withoutBrackets(name)}/128`);
  const suffix = name.replace(/^\*?\./, '').toLowerCase();
  return host === suffix || (!isIP(host) && host.endsWith(`.${suffix}`));
}

/** A URL writes an IPv6 address in brackets (RFC 3986, 3.2.2). */
function withoutBrackets(host: string): string {
  return host.replace(/^\[|\]$/g, '');
}

function isInNetwork(host: string, network: string): boolean {
  const [address = '', prefix] = network.split('/');
  const family = isIPv6(address) ? 'ipv6' : 'ipv4';
  if (!isIP(address) || !isIP(host) || isIPv6(host) !== isIPv6(address) || !/^\d{1,3}$/.test(prefix ?? ''))
    return false;
  if (Number(prefix) > (family === 'ipv6' ? 128 : 32)) return false;
  const list = new BlockList();
  list.addSubnet(address, Number(prefix), family);
  return list.check(host, family);
}
