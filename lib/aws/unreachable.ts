import { lookup } from 'node:dns/promises';
import { BlockList, isIP, isIPv6 } from 'node:net';
import { DeliveryError } from '../errors/index.ts';
import { type NetworkFault, type NetworkSettings, networkFaultOf, proxyFor } from '../network/index.ts';
import { vpcEndpointOf } from './vpc-endpoint.ts';

/** Seconds that the name's addresses may take to come: by then the user has waited long enough. */
const patience = 3;

/**
 * A network fault as the error a user can act on: which name, which addresses it has here, which way was taken, and
 * what would open it. Undefined when a service has spoken. Every task explains with it.
 */
export async function unreachable(
  error: unknown,
  target: URL,
  network: NetworkSettings,
): Promise<DeliveryError | undefined> {
  const fault = networkFaultOf(error);
  if (!fault) return undefined;
  const proxy = proxyFor(target, network.proxy);
  const way = proxy ? `through the proxy ${proxy.host}` : 'directly, without a proxy';
  const lines = [`${target.host} is reached ${way}: ${fault.detail}.`];
  // Behind a proxy it is the proxy that looks names up.
  if (!proxy && fault.kind !== 'dns' && !isAddress(target)) lines.push(await addressesOf(target.hostname));
  return new DeliveryError(
    { ...explanation(fault, target, Boolean(proxy)), why: lines.join('\n') },
    { cause: error },
  );
}

function explanation(fault: NetworkFault, target: URL, proxied: boolean) {
  switch (fault.kind) {
    case 'proxy':
      return {
        code: 'PROXY_REFUSED',
        what: `The proxy refused a connection to ${target.host} (status ${fault.statusCode}).`,
        remedy:
          fault.statusCode === 407
            ? 'The proxy asks for credentials. Configure the agent with them:\n  ./config.sh --proxyurl URL --proxyusername USER --proxypassword PASSWORD'
            : `Allow ${target.host}:443 on the proxy, or add the host to the agent's .proxybypass file or to NO_PROXY.`,
      } as const;
    case 'tls':
      return {
        code: 'TLS_UNTRUSTED',
        what: `There is no TLS connection to ${target.host} that this machine trusts.`,
        remedy:
          "If a proxy inspects TLS, give the agent its certificate authority:\n  ./config.sh --sslcacert /path/to/ca.pem\nor set NODE_EXTRA_CA_CERTS=/path/to/ca.pem in the agent's environment.",
      } as const;
    default:
      return {
        code: 'SERVICE_UNREACHABLE',
        what: `${target.host} could not be reached from this agent (${names[fault.kind]}).`,
        remedy: [
          `Check from the agent's machine: curl -v ${target.origin}/`,
          ...wayAdvice(target, proxied),
          ...vpcEndpointAdvice(target),
        ].join('\n'),
      } as const;
  }
}

const names = {
  dns: 'its name is not known',
  refused: 'connection refused',
  reset: 'connection broken off',
  timeout: 'no answer in time',
} as const;

function wayAdvice(target: URL, proxied: boolean): string[] {
  if (proxied) return ['The proxy was reached; ask whoever runs it whether it reaches the host.'];
  if (isAddress(target) && isPrivate(addressOf(target))) {
    return [
      "Only the machine itself, or its own network, has this address: check that the agent runs where the service is. From a container it may need the host's network.",
    ];
  }
  return ['An agent without internet access needs a proxy: ./config.sh --proxyurl URL'];
}

/** A private agent in a VPC reaches an AWS service by an interface endpoint (AWS PrivateLink). */
function vpcEndpointAdvice(target: URL): string[] {
  const service = vpcEndpointOf(target.hostname);
  if (!service) return [];
  return [
    'An agent in a VPC without internet access needs an endpoint of the service there:',
    `aws ec2 create-vpc-endpoint --vpc-id VPC --service-name ${service.name} --vpc-endpoint-type ${service.type}${service.type === 'Interface' ? ' --subnet-ids SUBNET --security-group-ids GROUP --private-dns-enabled' : ' --route-table-ids TABLE'}`,
  ];
}

/** What the name means on this machine, for a person who compares it with what it should mean. */
async function addressesOf(hostname: string): Promise<string> {
  const late = new Promise<void>((resolve) => setTimeout(resolve, patience * 1000).unref());
  try {
    const answers = await Promise.race([lookup(hostname, { all: true }), late]);
    if (!answers) return `Here the name ${hostname} has no address within ${patience} s.`;
    const described = answers.map(
      ({ address }) => `${address} (${isPrivate(address) ? 'private' : 'public'})`,
    );
    return `Here the name ${hostname} means ${described.join(', ')}.`;
  } catch (error) {
    return `Here the name ${hostname} is not known: ${error instanceof Error ? error.message : error}.`;
  }
}

/** RFC 1918, RFC 6598, RFC 4193, link-local and loopback: addresses that only a network of one's own routes. */
const privateAddresses = new BlockList();
for (const [network, prefix] of [
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['100.64.0.0', 10],
  ['169.254.0.0', 16],
  ['127.0.0.0', 8],
] as const) {
  privateAddresses.addSubnet(network, prefix, 'ipv4');
}
privateAddresses.addSubnet('fc00::', 7, 'ipv6');
privateAddresses.addSubnet('fe80::', 10, 'ipv6');
privateAddresses.addAddress('::1', 'ipv6');

/** Without the brackets of an IPv6 address (RFC 3986, 3.2.2). */
function addressOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '');
}

function isAddress(target: URL): boolean {
  return isIP(addressOf(target)) !== 0;
}

function isPrivate(address: string): boolean {
  return privateAddresses.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}
