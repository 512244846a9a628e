import { DeliveryError } from '../errors/index.ts';
import { type NetworkSettings, networkFaultOf, proxyFor } from '../network/index.ts';

/** A network fault as the error a user can act on; undefined when a service has spoken. */
export function unreachable(
  error: unknown,
  target: URL,
  network: NetworkSettings,
): DeliveryError | undefined {
  const fault = networkFaultOf(error);
  if (!fault) return undefined;
  const proxy = proxyFor(target, network.proxy);
  const way = proxy ? `through the proxy ${proxy.host}` : 'directly, without a proxy';
  const why = `${target.host} is reached ${way}: ${fault.detail}.`;
  switch (fault.kind) {
    case 'proxy':
      return new DeliveryError(
        {
          code: 'PROXY_REFUSED',
          what: `The proxy refused a connection to ${target.host} (status ${fault.statusCode}).`,
          why,
          remedy:
            fault.statusCode === 407
              ? 'The proxy asks for credentials. Configure the agent with them:\n  ./config.sh --proxyurl URL --proxyusername USER --proxypassword PASSWORD'
              : `Allow ${target.host}:443 on the proxy, or add the host to the agent's .proxybypass file or to NO_PROXY.`,
        },
        { cause: error },
      );
    case 'tls':
      return new DeliveryError(
        {
          code: 'TLS_UNTRUSTED',
          what: `There is no TLS connection to ${target.host} that this machine trusts.`,
          why,
          remedy:
            "If a proxy inspects TLS, give the agent its certificate authority:\n  ./config.sh --sslcacert /path/to/ca.pem\nor set NODE_EXTRA_CA_CERTS=/path/to/ca.pem in the agent's environment.",
        },
        { cause: error },
      );
    default:
      return new DeliveryError(
        {
          code: 'SERVICE_UNREACHABLE',
          what: `${target.host} could not be reached from this agent (${names[fault.kind]}).`,
          why,
          remedy: `Check from the agent's machine: curl -v https://${target.host}/\nAn agent without internet access needs a proxy (./config.sh --proxyurl …) or, for AWS, a VPC endpoint of the service.`,
        },
        { cause: error },
      );
  }
}

const names = {
  dns: 'its name is not known',
  refused: 'connection refused',
  reset: 'connection broken off',
  timeout: 'no answer in time',
} as const;
