import {
  AssumeRoleCommand,
  AssumeRoleWithWebIdentityCommand,
  type Credentials,
  GetCallerIdentityCommand,
  STSClient,
  type STSClientConfig,
} from '@aws-sdk/client-sts';
import type { Connections } from '../network/index.ts';
import { requestHandlerOver } from './request-handler.ts';

/** The credentials of a session. */
export interface SessionCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
}

/** A role's session as STS answers it. */
export interface AssumedRole {
  readonly credentials: SessionCredentials;
  /** arn:PARTITION:sts::ACCOUNT:assumed-role/ROLE/SESSION */
  readonly assumedRoleArn: string;
  /** Where the token came from and for whom it was made, as STS read it; only of a web identity. */
  readonly provider?: string | undefined;
  readonly audience?: string | undefined;
}

export interface CallerIdentity {
  readonly accountId: string;
  readonly arn: string;
}

/** What every assumption of a role takes. `durationSeconds` 900–43200; STS's own default (3600) when left out. */
export interface AssumeRoleRequest {
  readonly roleArn: string;
  readonly sessionName: string;
  readonly durationSeconds?: number | undefined;
}

export interface Sts {
  assumeRoleWithWebIdentity(
    request: AssumeRoleRequest & { token: string },
    signal?: AbortSignal,
  ): Promise<AssumedRole>;
  assumeRole(
    request: AssumeRoleRequest & { externalId?: string | undefined },
    as: SessionCredentials,
    signal?: AbortSignal,
  ): Promise<AssumedRole>;
  getCallerIdentity(as: SessionCredentials, signal?: AbortSignal): Promise<CallerIdentity>;
}

/**
 * STS of one region. Calls are made once: whoever calls decides what to try again, because a second
 * AssumeRoleWithWebIdentity may need a new ID token. Endpoint, FIPS and dual-stack follow the SDK's own settings
 * (AWS_ENDPOINT_URL_STS, AWS_USE_FIPS_ENDPOINT, AWS_USE_DUALSTACK_ENDPOINT).
 * Errors: the SDK's STSServiceException, or a network error of lib/network.
 */
export function createSts(region: string, connections: Connections): Sts {
  // The SDK's notice about coming Node versions says nothing to the user of a task: the agent brings its own Node.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  const shared: STSClientConfig = {
    region,
    maxAttempts: 1,
    requestHandler: requestHandlerOver(connections) as NonNullable<STSClientConfig['requestHandler']>,
  };
  const anonymous = new STSClient(shared);
  const signed = (credentials: SessionCredentials) => new STSClient({ ...shared, credentials });

  return {
    async assumeRoleWithWebIdentity(request, signal) {
      const answer = await anonymous.send(
        new AssumeRoleWithWebIdentityCommand({
          RoleArn: request.roleArn,
          RoleSessionName: request.sessionName,
          WebIdentityToken: request.token,
          DurationSeconds: request.durationSeconds,
        }),
        { ...(signal ? { abortSignal: signal } : {}) },
      );
      return {
        credentials: credentialsOf(answer.Credentials),
        assumedRoleArn: required(answer.AssumedRoleUser?.Arn, 'AssumedRoleUser.Arn'),
        provider: answer.Provider,
        audience: answer.Audience,
      };
    },
    async assumeRole(request, as, signal) {
      const answer = await signed(as).send(
        new AssumeRoleCommand({
          RoleArn: request.roleArn,
          RoleSessionName: request.sessionName,
          DurationSeconds: request.durationSeconds,
          ExternalId: request.externalId,
        }),
        { ...(signal ? { abortSignal: signal } : {}) },
      );
      return {
        credentials: credentialsOf(answer.Credentials),
        assumedRoleArn: required(answer.AssumedRoleUser?.Arn, 'AssumedRoleUser.Arn'),
      };
    },
    async getCallerIdentity(as, signal) {
      const answer = await signed(as).send(new GetCallerIdentityCommand({}), {
        ...(signal ? { abortSignal: signal } : {}),
      });
      return { accountId: required(answer.Account, 'Account'), arn: required(answer.Arn, 'Arn') };
    },
  };
}

function credentialsOf(answer: Credentials | undefined): SessionCredentials {
  return {
    accessKeyId: required(answer?.AccessKeyId, 'Credentials.AccessKeyId'),
    secretAccessKey: required(answer?.SecretAccessKey, 'Credentials.SecretAccessKey'),
    sessionToken: required(answer?.SessionToken, 'Credentials.SessionToken'),
    expiration: required(answer?.Expiration, 'Credentials.Expiration'),
  };
}

/** An endpoint that answers 200 without the fields of the API is no STS: never go on with empty credentials. */
function required<T>(value: T | undefined, field: string): T {
  if (value === undefined || value === '') throw new Error(`The STS endpoint answered without ${field}.`);
  return value;
}
