import { DeliveryError } from '../errors/index.ts';

/** That a machine has no AWS credentials, in whatever words its search has ended. */
export function noCredentials(error: unknown): DeliveryError {
  return new DeliveryError(
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
