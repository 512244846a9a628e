import { defaultProvider } from '@aws-sdk/credential-provider-node';
import type { AwsCredentials } from '../aws/index.ts';
import { requestHandlerOver } from '../aws/request-handler.ts';
import type { Connections } from '../network/index.ts';
import { restoreMachineEnvironment } from './machine-environment.ts';

/**
 * The credentials that the agent's machine has, by the SDK's own default chain: variables, profile files (SSO and
 * credential_process included), web identity token files, container and pod roles, EC2 metadata v2. It is bundled
 * apart, with classes of its own: what it throws is the SDK's error, and named by whoever asked.
 * @throws the SDK's CredentialsProviderError when there are none
 */
export function machineCredentials(
  environment: Readonly<Record<string, string>>,
  connections: Connections,
): Promise<AwsCredentials> {
  restoreMachineEnvironment(process.env, environment);
  return defaultProvider({
    timeout: 2000,
    maxRetries: 1,
    clientConfig: { requestHandler: requestHandlerOver(connections), maxAttempts: 2 },
  })();
}
