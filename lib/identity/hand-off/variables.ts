import type { AwsCredentials } from '../../aws/index.ts';

/** A variable to set in the job. */
export interface HandedVariable {
  readonly name: string;
  readonly value: string;
  readonly secret: boolean;
}

/** The names by which every AWS SDK and CLI reads credentials from its environment. */
export const sdkVariables = {
  accessKeyId: 'AWS_ACCESS_KEY_ID',
  secretAccessKey: 'AWS_SECRET_ACCESS_KEY',
  sessionToken: 'AWS_SESSION_TOKEN',
  regions: ['AWS_REGION', 'AWS_DEFAULT_REGION'],
} as const;

/** The names by which the tasks of AWS Toolkit for Azure DevOps read them (awsConnectionParameters.ts). */
export const toolkitVariables = {
  accessKeyId: 'AWS.AccessKeyID',
  secretAccessKey: 'AWS.SecretAccessKey',
  sessionToken: 'AWS.SessionToken',
  regions: ['AWS.Region'],
} as const;

type Names = typeof sdkVariables | typeof toolkitVariables;

/** The session's own credentials as variables of the job; they end when the session ends. */
export function credentialVariables(
  names: Names,
  credentials: AwsCredentials,
  region: string,
): HandedVariable[] {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  return [
    { name: names.accessKeyId, value: accessKeyId, secret: false },
    { name: names.secretAccessKey, value: secretAccessKey, secret: true },
    // Set even when empty: a token left by an earlier step would spoil keys that have none.
    { name: names.sessionToken, value: sessionToken ?? '', secret: true },
    ...names.regions.map((name) => ({ name, value: region, secret: false })),
  ];
}

/** What a script step needs to see the secret ones, which the agent does not put into its environment by itself. */
export function environmentBlock(variables: readonly HandedVariable[]): string {
  const lines = variables.filter(({ secret }) => secret).map(({ name }) => `    ${name}: $(${name})`);
  return ['- script: …', '  env:', ...lines].join('\n');
}
