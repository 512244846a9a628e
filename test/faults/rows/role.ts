/** What goes wrong while STS is asked for the first role. */
import assert from 'node:assert/strict';
import { callsOf, logOf } from '../../rig/findings.ts';
import { forgedToken, json, page, stsError } from '../answers.ts';
import type { FaultRow } from '../fault-row.ts';
import { pastAll } from './counts.ts';

const task = 'AwsFederate@1';
const phase = 'role';
const sts = { host: 'sts.eu-west-1.amazonaws.com', operation: 'AssumeRoleWithWebIdentity' };
const issuer = { host: 'vstoken.dev.azure.com' };

const faults = (...list: readonly object[]) => ({ faults: list });
const connection = (data: object) => ({ connections: { 'aws-production': data } });
const account = (data: object) => ({ accounts: { '111122223333': data } });

/** Both were asked once, and it was enough. */
const once = { oidctoken: 1, AssumeRoleWithWebIdentity: 1 } as const;
const tried = { oidctoken: 1, AssumeRoleWithWebIdentity: '3+' } as const;
const throttling = stsError(400, 'Throttling', 'Rate exceeded');

export const roleRows: readonly FaultRow[] = [
  // Refusals: asked once.
  {
    ...{
      task,
      phase,
      class: 'access denied, another subject is trusted',
      code: 'ACCESS_DENIED',
      deadline: 10,
    },
    world: connection({ subject: 'sc://contoso/shop/AWS-Production' }),
    requests: once,
    expect: ({ task }) =>
      assert.match(
        logOf(task),
        /AWS saw these claims:\n {4}issuer {4}https:\/\/vstoken\S+\n {4}subject {3}sc:\/\/contoso\/shop\/AWS-Production\n/,
      ),
  },
  {
    ...{
      task,
      phase,
      class: 'access denied, another audience is trusted',
      code: 'ACCESS_DENIED',
      deadline: 10,
    },
    world: {
      ...connection({ audience: 'sts.amazonaws.com' }),
      ...account({
        oidcProviders: [
          {
            url: 'https://vstoken.dev.azure.com/8a6e0c57-41b9-4d0e-9c3a-5f2d7e1b6a90',
            clientIds: ['sts.amazonaws.com'],
          },
        ],
      }),
    },
    requests: once,
    expect: ({ task }) => assert.match(logOf(task), /^ {4}audience {2}sts\.amazonaws\.com$/m),
  },
  {
    ...{ task, phase, class: 'access denied, no such role', code: 'ACCESS_DENIED', deadline: 10 },
    world: account({ roles: { deployer: null } }),
    requests: once,
    expect: ({ task }) => assert.match(logOf(task), /or there is no such role/),
  },
  {
    ...{ task, phase, class: 'no provider', code: 'PROVIDER_MISSING', deadline: 10 },
    world: account({ oidcProviders: [] }),
    requests: once,
    expect: ({ task }) => assert.match(logOf(task), /aws iam create-open-id-connect-provider/),
  },
  {
    ...{ task, phase, class: 'the provider is another account’s', code: 'PROVIDER_MISSING', deadline: 10 },
    inputs: { roleArn: 'arn:aws:iam::444455556666:role/publisher' },
    requests: once,
    expect: ({ task }) => assert.match(logOf(task), /with credentials of account 444455556666/),
  },
  {
    ...{ task, phase, class: 'the provider lacks the audience', code: 'AUDIENCE_REFUSED', deadline: 10 },
    world: connection({ audience: 'api://azureadtokenexchange' }),
    requests: once,
    expect: ({ task }) => assert.match(logOf(task), /aws iam add-client-id-to-open-id-connect-provider/),
  },
  {
    ...{ task, phase, class: 'the token has expired', code: 'ID_TOKEN_EXPIRED', deadline: 10 },
    world: connection({ lifetime: -60 }),
    requests: { oidctoken: 2, AssumeRoleWithWebIdentity: 1 },
    expect: ({ task }) => assert.match(logOf(task), /The agent's clock agrees with that of Azure DevOps/),
  },
  {
    ...{ task, phase, class: 'the token has expired, clocks differ', code: 'ID_TOKEN_EXPIRED', deadline: 10 },
    world: { ...connection({ lifetime: -60 }), machine: { clockOffset: 900 } },
    requests: { oidctoken: 2, AssumeRoleWithWebIdentity: 1 },
    expect: ({ task }) =>
      assert.match(logOf(task), /The agent's clock is (899|900|901) s behind that of Azure DevOps/),
  },
  {
    ...{ task, phase, class: 'the token is not yet valid', code: 'ID_TOKEN_NOT_YET_VALID', deadline: 10 },
    world: () => {
      const later = Math.floor(Date.now() / 1000) + 120;
      const oidcToken = forgedToken({ iat: later, nbf: later, exp: later + 300 });
      const words =
        'The web identity token that was passed is expired or is not valid. Get a new identity token from the identity provider and then retry the request.';
      return faults(
        { host: 'dev.azure.com', operation: 'oidctoken', answer: json(200, { oidcToken }) },
        { ...sts, answer: stsError(400, 'ExpiredTokenException', words) },
      );
    },
    requests: once,
  },
  {
    ...{ task, phase, class: 'longer than the role allows', code: 'DURATION_TOO_LONG', deadline: 10 },
    inputs: { sessionDuration: '43200' },
    requests: once,
    expect: ({ task }) =>
      assert.match(logOf(task), /update-role --role-name deployer --max-session-duration 43200/),
  },
  {
    ...{ task, phase, class: 'the region is disabled', code: 'REGION_DISABLED', deadline: 10 },
    world: account({ disabledRegions: ['eu-west-1'] }),
    requests: once,
    expect: ({ task }) => assert.match(logOf(task), /enable-region --region-name eu-west-1/),
  },
  {
    ...{ task, phase, class: 'policies and tags too large', code: 'SESSION_POLICY_TOO_LARGE', deadline: 10 },
    world: faults({
      ...sts,
      answer: stsError(
        400,
        'PackedPolicyTooLarge',
        'Packed size of session tags consumes 112% of allotted space.',
      ),
    }),
    requests: once,
  },
  {
    ...{ task, phase, class: 'the issuer refuses the token', code: 'CLAIM_REFUSED', deadline: 10 },
    world: faults({
      ...sts,
      answer: stsError(403, 'IDPRejectedClaim', 'The identity provider rejected the claim.'),
    }),
    requests: once,
  },
  {
    ...{ task, phase, class: 'a parameter is refused', code: 'REQUEST_REFUSED', deadline: 10 },
    world: faults({ ...sts, answer: stsError(400, 'ValidationError', 'Request ARN is invalid') }),
    requests: once,
    expect: ({ task }) => {
      assert.match(logOf(task), /^Why: AWS STS said: ValidationError: Request ARN is invalid$/m);
      assert.match(logOf(task), /^Request id: 2c6d4f0e-3b7a-4a51-9a5e-6f1d7c8b9e02$/m);
    },
  },
  {
    ...{ task, phase, class: 'the issuer’s keys cannot be had', code: 'ID_TOKEN_UNVERIFIED', deadline: 10 },
    world: faults({ ...issuer, path: '/.well-known/jwks', answer: page(500, 'Error') }),
    requests: once,
    expect: ({ task }) =>
      assert.match(logOf(task), /Couldn't retrieve verification key from your identity provider/),
  },
  {
    ...{ task, phase, class: '200 without credentials', code: 'SERVICE_UNREACHABLE', deadline: 10 },
    world: faults({
      ...sts,
      answer: {
        status: 200,
        headers: { 'Content-Type': 'text/xml' },
        body: '<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId></AccessKeyId></Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>',
      },
    }),
    requests: once,
    expect: ({ task }) =>
      assert.match(logOf(task), /AssumeRoleWithWebIdentity was answered without AccessKeyId/),
  },
  {
    ...{
      task,
      phase,
      class: '200 with a page of a captive portal',
      code: 'SERVICE_UNREACHABLE',
      deadline: 10,
    },
    world: faults({ ...sts, answer: page(200, 'Welcome to our guest network') }),
    requests: once,
  },
  {
    ...{ task, phase, class: '403 page of a proxy', code: 'SERVICE_UNREACHABLE', deadline: 10 },
    world: faults({ ...sts, answer: page(403, 'Access to this site is blocked') }),
    requests: once,
    expect: ({ task }) => assert.match(logOf(task), /HTTP 403: not an answer of the service/),
  },

  // What may pass: asked again.
  {
    ...{ task, phase, class: 'throttled twice, then fine', code: 'SUCCEEDED', deadline: 15 },
    world: faults({ ...sts, times: 2, answer: throttling }),
    requests: pastAll({ AssumeRoleWithWebIdentity: 3 }),
  },
  {
    ...{ task, phase, class: 'throttled for ever', code: 'SERVICE_UNAVAILABLE', deadline: 30 },
    world: faults({ ...sts, answer: throttling }),
    requests: tried,
  },
  {
    ...{ task, phase, class: '429 with Retry-After, then fine', code: 'SUCCEEDED', deadline: 15 },
    world: faults({
      ...sts,
      times: 1,
      answer: { ...stsError(429, 'TooManyRequestsException', 'Slow down'), headers: { 'Retry-After': '2' } },
    }),
    requests: pastAll({ AssumeRoleWithWebIdentity: 2 }),
    expect: (trial) => {
      const [first, second] = callsOf(trial, 'AssumeRoleWithWebIdentity');
      assert(first && second && second.at.getTime() - first.at.getTime() >= 2000);
    },
  },
  {
    ...{ task, phase, class: '503 page once, then fine', code: 'SUCCEEDED', deadline: 15 },
    world: faults({ ...sts, times: 1, answer: page(503, 'Service Unavailable') }),
    requests: pastAll({ AssumeRoleWithWebIdentity: 2 }),
  },
  {
    ...{ task, phase, class: '503 page for ever', code: 'SERVICE_UNAVAILABLE', deadline: 30 },
    world: faults({ ...sts, answer: page(503, 'Service Unavailable') }),
    requests: tried,
  },
  {
    ...{
      task,
      phase,
      class: 'STS cannot reach the issuer twice, then fine',
      code: 'SUCCEEDED',
      deadline: 15,
    },
    world: faults({ ...issuer, times: 2, reset: true }),
    requests: pastAll({ AssumeRoleWithWebIdentity: 3 }),
  },
  {
    ...{
      task,
      phase,
      class: 'STS cannot reach the issuer, for ever',
      code: 'ID_TOKEN_UNVERIFIED',
      deadline: 30,
    },
    world: faults({ ...issuer, reset: true }),
    requests: tried,
    expect: ({ task }) => assert.match(logOf(task), /^Why:\n {2}AWS STS said: IDPCommunicationError: /m),
  },
  {
    ...{ task, phase, class: 'reset twice, then fine', code: 'SUCCEEDED', deadline: 15 },
    world: faults({ ...sts, times: 2, reset: true }),
    requests: pastAll({ AssumeRoleWithWebIdentity: 3 }),
  },
  {
    ...{ task, phase, class: 'reset for ever', code: 'SERVICE_UNREACHABLE', deadline: 30 },
    world: faults({ ...sts, reset: true }),
    requests: tried,
  },
  {
    ...{ task, phase, class: 'no answer once, then fine', code: 'SUCCEEDED', deadline: 25 },
    world: faults({ ...sts, times: 1, stall: true }),
    requests: pastAll({ AssumeRoleWithWebIdentity: 2 }),
  },
  {
    ...{ task, phase, class: 'no answer for ever', code: 'SERVICE_UNREACHABLE', deadline: 30 },
    world: faults({ ...sts, stall: true }),
    requests: { oidctoken: 1, AssumeRoleWithWebIdentity: '2+' },
    expect: ({ task }) =>
      assert.match(logOf(task), /no answer from sts\.eu-west-1\.amazonaws\.com within 10 s/),
  },
  {
    ...{ task, phase, class: 'the token runs out while STS throttles', code: 'SUCCEEDED', deadline: 15 },
    // Too old to be sent twice: each attempt takes a new one.
    world: { ...connection({ lifetime: 29 }), ...faults({ ...sts, times: 2, answer: throttling }) },
    requests: pastAll({ oidctoken: 4, AssumeRoleWithWebIdentity: 3 }),
    expect: (trial) => {
      const sent = callsOf(trial, 'AssumeRoleWithWebIdentity').map(({ form }) => form?.WebIdentityToken);
      assert.equal(new Set(sent).size, 3);
    },
  },
  {
    ...{ task, phase, class: 'clocks an hour apart', code: 'SUCCEEDED', deadline: 15 },
    world: { machine: { clockOffset: 3600 } },
    requests: pastAll({}),
  },

  // The way there.
  {
    ...{ task, phase, class: 'proxy forbids the host, 403', code: 'PROXY_REFUSED', deadline: 10 },
    world: faults({ host: sts.host, refuseConnect: 403 }),
    requests: { oidctoken: 1, CONNECT: 1 },
  },
  {
    ...{ task, phase, class: 'proxy 504 once, then fine', code: 'SUCCEEDED', deadline: 15 },
    world: faults({ host: sts.host, times: 1, refuseConnect: 504 }),
    requests: pastAll({ CONNECT: 1 }),
  },
  {
    ...{ task, phase, class: 'untrusted certificate', code: 'TLS_UNTRUSTED', deadline: 10 },
    world: faults({ host: sts.host, untrustedCertificate: true }),
    requests: { oidctoken: 1 },
  },
  {
    ...{
      task,
      phase,
      class: 'the name is not known, without a proxy',
      code: 'SERVICE_UNREACHABLE',
      deadline: 30,
    },
    // RFC 6761, 6.4: no name below invalid. is ever found.
    environment: { AWS_ENDPOINT_URL_STS: 'https://sts.invalid' },
    variables: { 'Agent.ProxyBypassList': '["invalid"]' },
    requests: { oidctoken: 1 },
    expect: ({ task }) => assert.match(logOf(task), /sts\.invalid is reached directly, without a proxy/),
  },
];
