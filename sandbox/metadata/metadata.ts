/**
 * The metadata services of the machine that the agent runs on. The real ones live at 169.254.169.254, which no
 * process without privileges can take, so these are servers on loopback, found by the variables that SDKs know for it.
 */
import type { Sessions } from '../aws/sessions.ts';
import type { IssuerName } from '../azure-devops/claims.ts';
import type { Issuer } from '../azure-devops/issuer.ts';
import type { Surroundings } from '../http.ts';
import type { Exchange } from '../proxy.ts';
import { createAzureMetadata } from './azure.ts';
import { createEc2Metadata } from './ec2.ts';
import { type LoopbackServer, startLoopbackServer } from './loopback-server.ts';

/** By what name faults and the request log call each service. */
const metadataHosts = { ec2: 'ec2-metadata', azure: 'azure-metadata' } as const;

export interface Metadata {
  /** By which a process on the machine finds the services. */
  readonly variables: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** Starts the services of the world's machine; none where it is neither of EC2 nor of Azure. */
export async function startMetadata(
  surroundings: Surroundings,
  sessions: Sessions,
  issuers: Readonly<Record<IssuerName, Issuer>>,
  serve: (exchange: Exchange) => Promise<void>,
): Promise<Metadata> {
  const { ec2, managedIdentities } = surroundings.world.machine;
  const servers: LoopbackServer[] = [];
  const variables: Record<string, string> = {};
  const start = async (variable: string, host: string, service: ReturnType<typeof createEc2Metadata>) => {
    const server = await startLoopbackServer(host, service, serve);
    servers.push(server);
    variables[variable] = server.url;
  };
  // AWS SDKs Reference Guide, "IMDS credential provider".
  if (ec2)
    await start(
      'AWS_EC2_METADATA_SERVICE_ENDPOINT',
      metadataHosts.ec2,
      createEc2Metadata(surroundings, sessions),
    );
  // As Azure's own SDKs read it (@azure/identity, "imdsMsi").
  if (managedIdentities)
    await start(
      'AZURE_POD_IDENTITY_AUTHORITY_HOST',
      metadataHosts.azure,
      createAzureMetadata(surroundings, issuers),
    );
  return {
    variables,
    close: async () => {
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}
