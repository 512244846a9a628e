import { defaultProvider } from '@aws-sdk/credential-provider-node';
import type { AwsCredentials } from '../aws/index.ts';
import { requestHandlerOver } from '../aws/request-handler.ts';
import { DeliveryError } from '../errors/index.ts';
import type { Connections } from '../network/index.ts';
import { restoreMachineEnvironment } from './machine-environment.ts';

/**
 * The credentials that the agent's machine has, by the SDK's own default chain: variables, profile files (SSO and
 * credential_process included), web identity token files, container and pod roles, EC2 metadata v2.
 * @throws DeliveryError NO_CREDENTIALS naming the places that were looked at
 */
export async function machineCredentials(
  environment: Readonly<Record<string, string>>,
  connections: Connections,
): Promise<AwsCredentials> {
  restoreMachineEnvironment(process.env, environment);
  try {
    return await defaultProvider({
      timeout: 2000,
      maxRetries: 1,
      clientConfig: { requestHandler: requestHandlerOver(connections), maxAttempts: 2 },
    })();
  } catch (error) {
    throw new DeliveryError(
      {
        code: 'NO_CREDENTIALS',
        what: 'This machine has no AWS credentials.',
        why: error instanceof Error ? error.message : String(error),
        remedy:
          'The places looked at, in order: variables (AWS_ACCESS_KEY_ID …), profile files (AWS_PROFILE, ~/.aws), AWS_WEB_IDENTITY_TOKEN_FILE, container and EKS pod roles, EC2 instance metadata (IMDSv2; in containers the hop limit must be 2).\nGive the machine a role, or use identity: connection.',
      },
      { cause: error },
    );
  }
}
