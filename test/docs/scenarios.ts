/** How each log that the documents show comes about. */
import { type Fault, faultSchema } from '../../sandbox/faults.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import type { Connection, World } from '../../sandbox/world.ts';

export interface Scenario {
  /** The pipeline; without it, one AwsFederate step with nothing but its connection. */
  readonly pipeline?: string;
  /** What is different in the world. */
  readonly world?: (world: World) => void;
  readonly during?: (sandbox: Sandbox, cancel: () => void) => void;
  /** Which part of the log is shown. */
  readonly excerpt: 'error' | 'token and error' | 'story' | 'table';
}

export const plainPipeline = federateWith({});

/** Under the names that the marks of the blocks have. The error codes' are those of docs/troubleshooting.md. */
export const scenarios: Readonly<Record<string, Scenario>> = {
  // The task tries for 25 s, so this one begins first.
  service_unreachable: {
    excerpt: 'error',
    world: (world) => addFault(world, { ...sts, reset: true }),
  },

  'first run': { excerpt: 'token and error', world: (world) => setProviders(world, []) },
  'second run': {
    excerpt: 'story',
    pipeline: `${plainPipeline}\n  - script: aws sts get-caller-identity\n    displayName: Who am I?`,
  },
  'check only': { excerpt: 'table', pipeline: federateWith({ checkOnly: true }) },

  access_denied: {
    excerpt: 'error',
    world: (world) => rename(world, 'aws-production', 'aws-prod'),
    pipeline: federateWith({ awsConnection: 'aws-prod' }),
  },
  account_not_allowed: { excerpt: 'error', pipeline: federateWith({ allowedAccounts: "'444455556666'" }) },
  audience_refused: {
    excerpt: 'error',
    world: (world) => setProviders(world, ['https://github.com/contoso']),
  },
  cancelled: {
    excerpt: 'error',
    world: (world) => addFault(world, { ...sts, stall: true }),
    during: (sandbox, cancel) => {
      const asked = setInterval(() => {
        if (!sandbox.requests.some(({ operation }) => operation === sts.operation)) return;
        clearInterval(asked);
        cancel();
      }, 50);
    },
  },
  claim_refused: {
    excerpt: 'error',
    world: (world) =>
      answerOfSts(world, 403, 'IDPRejectedClaim', 'The identity provider rejected the claim.'),
  },
  duration_too_long: { excerpt: 'error', pipeline: federateWith({ sessionDuration: 7200 }) },
  hand_off_failed: {
    excerpt: 'error',
    pipeline: `steps:
  - script: touch "$AGENT_TEMPDIRECTORY/keyless-delivery"
  - task: AwsFederate@1
    inputs:
      awsConnection: aws-production`,
  },
  id_token_expired: { excerpt: 'error', world: (world) => changeConnection(world, { lifetime: -600 }) },
  id_token_malformed: {
    excerpt: 'error',
    world: (world) => answerOfTokenEndpoint(world, 200, '{"oidcToken":"not.a.token"}'),
  },
  id_token_no_reference: {
    excerpt: 'error',
    world: (world) => {
      const value =
        'There is no explicit reference to service connection 6c9a1f4e-2b7d-4c35-9e0a-d1f2a3b4c5d6 from current stage __default.';
      answerOfTokenEndpoint(world, 404, JSON.stringify({ count: value.length, value }));
    },
  },
  id_token_not_issued_here: {
    excerpt: 'error',
    world: (world) => answerOfTokenEndpoint(world, 404, '<html>Page not found</html>'),
  },
  id_token_not_yet_valid: {
    excerpt: 'error',
    world: (world) => {
      answerOfTokenEndpoint(world, 200, JSON.stringify({ oidcToken: tokenOfTheFuture() }));
      // https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html, "Errors"
      const text =
        'The web identity token that was passed is expired or is not valid. Get a new identity token from the identity provider and then retry the request.';
      answerOfSts(world, 400, 'ExpiredTokenException', text);
    },
  },
  id_token_refused: {
    excerpt: 'error',
    world: (world) => answerOfTokenEndpoint(world, 203, '<html>Sign In</html>'),
  },
  id_token_unverified: {
    excerpt: 'error',
    world: (world) =>
      addFault(world, {
        host: 'vstoken.dev.azure.com',
        answer: { status: 404, headers: {}, body: 'no such document' },
      }),
  },
  id_token_wrong_subject: {
    excerpt: 'error',
    world: (world) => changeConnection(world, { subject: 'p://contoso/shop/azure-pipelines' }),
  },
  input_invalid: {
    excerpt: 'error',
    pipeline: federateWith({ region: 'Ireland', sessionDuration: '1h', externalId: 'contoso-shop' }),
  },
  managed_identity_refused: {
    excerpt: 'error',
    world: ({ machine }) => {
      machine.managedIdentities = [];
    },
    pipeline: `steps:
  - task: AwsFederate@1
    inputs:
      identity: managedIdentity
      managedIdentityResource: api://AzureADTokenExchange
      region: eu-west-1
      roleArn: arn:aws:iam::111122223333:role/deployer`,
  },
  no_credentials: {
    excerpt: 'error',
    pipeline: `variables:
  AWS_EC2_METADATA_DISABLED: 'true'
steps:
  - task: AwsFederate@1
    inputs:
      identity: environment
      region: eu-west-1`,
  },
  provider_missing: { excerpt: 'error', world: (world) => setProviders(world, []) },
  proxy_refused: {
    excerpt: 'error',
    world: (world) => addFault(world, { host: sts.host, refuseConnect: 403 }),
  },
  region_disabled: {
    excerpt: 'error',
    pipeline: federateWith({ region: 'ap-east-1' }),
    world: (world) => productionAccount(world).disabledRegions.push('ap-east-1'),
  },
  request_refused: {
    excerpt: 'error',
    world: (world) =>
      addFault(world, {
        ...sts,
        operation: 'GetCallerIdentity',
        answer: stsError(403, 'SignatureDoesNotMatch', 'Signature not yet current.'),
      }),
  },
  service_unavailable: {
    excerpt: 'error',
    // Retry-After beyond the deadline, so that the documents' test need not wait for it.
    world: (world) => {
      const { body } = stsError(503, 'ServiceUnavailable', 'Service is unavailable.');
      addFault(world, { ...sts, answer: { status: 503, headers: { 'Retry-After': '60' }, body } });
    },
  },
  session_policy_too_large: {
    excerpt: 'error',
    world: (world) =>
      answerOfSts(
        world,
        400,
        'PackedPolicyTooLarge',
        'Packed size of session tags consumes 112% of allotted space.',
      ),
  },
  tls_untrusted: {
    excerpt: 'error',
    world: (world) => addFault(world, { host: sts.host, untrustedCertificate: true }),
  },
};

const sts = { host: 'sts.eu-west-1.amazonaws.com', operation: 'AssumeRoleWithWebIdentity' };

/** A pipeline of one AwsFederate step. */
function federateWith(inputs: Readonly<Record<string, string | number | boolean>>): string {
  const lines = Object.entries({ awsConnection: 'aws-production', ...inputs });
  return `steps:
  - task: AwsFederate@1
    inputs:
${lines.map(([name, value]) => `      ${name}: ${value}`).join('\n')}`;
}

function addFault(world: World, fault: Fault): void {
  world.faults.push(faultSchema.parse(fault));
}

function answerOfTokenEndpoint(world: World, status: number, body: string): void {
  addFault(world, { host: 'dev.azure.com', answer: { status, body } });
}

function answerOfSts(world: World, status: number, code: string, message: string): void {
  addFault(world, { ...sts, answer: stsError(status, code, message) });
}

/** https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html, in the form of the query protocol. */
function stsError(status: number, code: string, message: string) {
  const requestId = 'c6104cbe-af31-11e0-8154-cbc7ccf896c7';
  return {
    status,
    body: `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>${requestId}</RequestId></ErrorResponse>`,
  };
}

/** A token that is valid from four minutes ahead; nobody checks its signature. */
function tokenOfTheFuture(): string {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: 'https://vstoken.dev.azure.com/8a6e0c57-41b9-4d0e-9c3a-5f2d7e1b6a90',
    sub: 'sc://contoso/shop/aws-production',
    aud: 'api://AzureADTokenExchange',
    nbf: now + 240,
    exp: now + 540,
  };
  const parts = [{ alg: 'RS256' }, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  );
  return [...parts, 'signature'].join('.');
}

function productionAccount(world: World): World['accounts'][string] {
  return existing(world.accounts['111122223333']);
}

/** Gives the account one provider for each list of client IDs, so none for an empty list. */
function setProviders(world: World, clientIds: readonly string[]): void {
  const { oidcProviders } = productionAccount(world);
  const { url } = existing(oidcProviders[0]);
  oidcProviders.splice(0, 1, ...clientIds.map((clientId) => ({ url, clientIds: [clientId] })));
}

function changeConnection(world: World, change: Partial<Connection>): void {
  Object.assign(existing(world.connections['aws-production']), change);
}

function rename(world: World, from: string, to: string): void {
  world.connections[to] = existing(world.connections[from]);
  delete world.connections[from];
}

function existing<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('test/docs/world.yml has not what this scenario changes');
  return value;
}
