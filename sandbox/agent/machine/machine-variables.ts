/** The computer the agent runs on: what a company sets for every process there. */
import type { Sandbox } from '../../sandbox.ts';

/**
 * Proxy and certificate variables as on a machine behind a company's proxy, where the world says it is one. The agent
 * itself sets none of them for its steps.
 */
export function machineVariables({
  world,
  proxyUrl,
  proxyCredentials,
  caFile,
  metadataVariables,
}: Sandbox): Record<string, string> {
  if (!world.machine.proxyVariables) return { ...metadataVariables };
  const proxy = new URL(proxyUrl);
  if (proxyCredentials !== undefined) {
    proxy.username = encodeURIComponent(proxyCredentials.user);
    proxy.password = encodeURIComponent(proxyCredentials.password);
  }
  const url = proxy.href.replace(/\/$/, '');
  const direct = 'localhost,127.0.0.1';
  return {
    ...metadataVariables,
    HTTPS_PROXY: url,
    https_proxy: url,
    NO_PROXY: direct,
    no_proxy: direct,
    NODE_EXTRA_CA_CERTS: caFile,
    AWS_CA_BUNDLE: caFile,
    SSL_CERT_FILE: caFile,
    REQUESTS_CA_BUNDLE: caFile,
    CURL_CA_BUNDLE: caFile,
  };
}
