/** What goes wrong while the job asks Azure DevOps for an ID token. */
import assert from 'node:assert/strict';
import { callsOf, logOf } from '../../rig/findings.ts';
import type { Trial } from '../../rig/trial.ts';
import { forgedToken, json, page } from '../answers.ts';
import type { FaultRow } from '../fault-row.ts';
import { pastAll } from './counts.ts';

const task = 'AwsFederate@1';
const phase = 'ID token';
const tokenService = { host: 'dev.azure.com', operation: 'oidctoken' };
const azureDevOps = { host: 'dev.azure.com' };

const faults = (...list: readonly object[]) => ({ faults: list });

/** As the service says it since March 2026 (github.com/dotnet/docker-tools, issue 2012). */
const noReference =
  'There is no explicit reference to service connection 6c9a1f4e-2b7d-4c35-9e0a-d1f2a3b4c5d6 from current stage Job.__default.';

/** The second request came no earlier than the service had asked. */
function assertWaited(trial: Trial, until: (first: Date) => number): void {
  const [first, second] = callsOf(trial, 'oidctoken');
  assert(first && second);
  assert(second.at.getTime() >= until(first.at), `${first.at.toISOString()}, ${second.at.toISOString()}`);
}

/** An HTTP date in whole seconds, some seconds from now. */
function retryDate(): string {
  return new Date(Date.now() + 10_000).toUTCString();
}

export const idTokenRows: readonly FaultRow[] = [
  // Refusals: asked once.
  {
    ...{ task, phase, class: '401, the access token is refused', code: 'ID_TOKEN_REFUSED', deadline: 10 },
    world: faults({
      ...tokenService,
      answer: json(401, { message: "TF400813: The user '' is not authorized to access this resource." }),
    }),
    requests: { oidctoken: 1 },
    expect: ({ task }) => assert.match(logOf(task), /^Why: Azure DevOps said: TF400813: /m),
  },
  {
    ...{ task, phase, class: 'sign-in page, 203', code: 'ID_TOKEN_REFUSED', deadline: 10 },
    world: faults({ ...tokenService, answer: page(203, 'Azure DevOps Services | Sign In') }),
    requests: { oidctoken: 1 },
    expect: ({ task }) => assert.match(logOf(task), /most likely a sign-in page/),
  },
  {
    ...{ task, phase, class: 'redirect to the sign-in page, 302', code: 'ID_TOKEN_REFUSED', deadline: 10 },
    world: faults({
      ...tokenService,
      answer: {
        ...page(302, 'Object moved'),
        headers: { Location: 'https://spsprodweu1.vssps.visualstudio.com/_signin' },
      },
    }),
    requests: { oidctoken: 1 },
    expect: (trial) => assert(trial.requests.every(({ host }) => host === 'dev.azure.com')),
  },
  {
    ...{ task, phase, class: '404, no such endpoint', code: 'ID_TOKEN_NOT_ISSUED_HERE', deadline: 10 },
    world: faults({ ...tokenService, answer: page(404, 'Page not found') }),
    requests: { oidctoken: 1 },
  },
  {
    ...{ task, phase, class: 'Azure DevOps Server', code: 'ID_TOKEN_NOT_ISSUED_HERE', deadline: 10 },
    variables: { 'System.ServerType': 'OnPremises' },
    requests: {},
  },
  {
    ...{ task, phase, class: 'no explicit reference', code: 'ID_TOKEN_NO_REFERENCE', deadline: 10 },
    world: faults({ ...tokenService, answer: json(404, { count: noReference.length, value: noReference }) }),
    requests: { oidctoken: 1 },
    expect: ({ task }) =>
      assert.match(logOf(task), /There is no explicit reference to service connection 6c9a/),
  },
  {
    ...{ task, phase, class: 'malformed JSON', code: 'ID_TOKEN_REFUSED', deadline: 10 },
    world: faults({
      ...tokenService,
      answer: { ...json(200, {}), body: '{"oidcToken":"eyJ0eXAiOiJKV1Qi' },
    }),
    requests: { oidctoken: 1 },
  },
  {
    ...{ task, phase, class: '200 without a token', code: 'ID_TOKEN_REFUSED', deadline: 10 },
    world: faults({ ...tokenService, answer: json(200, {}) }),
    requests: { oidctoken: 1 },
  },
  {
    ...{ task, phase, class: 'a token that is none', code: 'ID_TOKEN_MALFORMED', deadline: 10 },
    world: faults({
      ...tokenService,
      answer: json(200, { oidcToken: 'eyJ0eXAiOiJKV1QifQ.e30.c2lnbmF0dXJl' }),
    }),
    requests: { oidctoken: 1 },
  },
  {
    ...{ task, phase, class: 'the pipeline’s token', code: 'ID_TOKEN_WRONG_SUBJECT', deadline: 10 },
    world: { connections: { 'aws-production': { subject: 'p://contoso/shop/azure-pipelines' } } },
    requests: { oidctoken: 1 },
  },

  // What may pass: asked again.
  {
    ...{ task, phase, class: '429 with Retry-After in seconds, then fine', code: 'SUCCEEDED', deadline: 20 },
    world: faults({
      ...tokenService,
      times: 1,
      answer: json(429, { message: 'Request was blocked' }, { 'Retry-After': '3' }),
    }),
    requests: pastAll({ oidctoken: 2 }),
    expect: (trial) => assertWaited(trial, (first) => first.getTime() + 3000),
  },
  {
    ...{ task, phase, class: '429 with Retry-After as a date, then fine', code: 'SUCCEEDED', deadline: 25 },
    world: () =>
      faults({
        ...tokenService,
        times: 1,
        answer: json(429, { message: 'Request was blocked' }, { 'Retry-After': retryDate() }),
      }),
    requests: pastAll({ oidctoken: 2 }),
    expect: (trial) => {
      const [, wait = '0'] = /trying again in (\d+\.\d) s/.exec(logOf(trial.task)) ?? [];
      assert(Number(wait) > 1, `the date was seconds ahead, and the wait ${wait} s`);
      assertWaited(trial, (first) => first.getTime() + Number(wait) * 1000 - 100);
    },
  },
  {
    ...{ task, phase, class: '429, asked to wait an hour', code: 'SERVICE_UNAVAILABLE', deadline: 10 },
    world: faults({
      ...tokenService,
      answer: json(429, { message: 'Request was blocked' }, { 'Retry-After': '3600' }),
    }),
    requests: { oidctoken: 1 },
  },
  {
    ...{ task, phase, class: '500 twice, then fine', code: 'SUCCEEDED', deadline: 15 },
    world: faults({ ...tokenService, times: 2, answer: json(500, { message: 'An error occurred' }) }),
    requests: pastAll({ oidctoken: 3 }),
  },
  {
    ...{ task, phase, class: '500 for ever', code: 'SERVICE_UNAVAILABLE', deadline: 30 },
    world: faults({ ...tokenService, answer: json(500, { message: 'An error occurred' }) }),
    requests: { oidctoken: '3+' },
  },
  {
    ...{ task, phase, class: '503 page once, then fine', code: 'SUCCEEDED', deadline: 15 },
    world: faults({
      ...tokenService,
      times: 1,
      answer: page(503, 'Our services aren’t available right now'),
    }),
    requests: pastAll({ oidctoken: 2 }),
  },
  {
    ...{ task, phase, class: 'reset twice, then fine', code: 'SUCCEEDED', deadline: 15 },
    world: faults({ ...tokenService, times: 2, reset: true }),
    requests: pastAll({ oidctoken: 3 }),
  },
  {
    ...{ task, phase, class: 'reset for ever', code: 'SERVICE_UNREACHABLE', deadline: 30 },
    world: faults({ ...tokenService, reset: true }),
    requests: { oidctoken: '3+' },
  },
  {
    ...{ task, phase, class: 'no answer once, then fine', code: 'SUCCEEDED', deadline: 25 },
    world: faults({ ...tokenService, times: 1, stall: true }),
    requests: pastAll({ oidctoken: 2 }),
  },
  {
    ...{ task, phase, class: 'no answer for ever', code: 'SERVICE_UNREACHABLE', deadline: 30 },
    world: faults({ ...tokenService, stall: true }),
    requests: { oidctoken: '2+' },
    expect: ({ task }) => assert.match(logOf(task), /no answer from dev\.azure\.com within 10 s/),
  },

  // The way there.
  {
    ...{ task, phase, class: 'proxy connects to nothing', code: 'SERVICE_UNREACHABLE', deadline: 30 },
    agentProxy: 'silent',
    requests: {},
    expect: ({ task }) => assert.match(logOf(task), /no connection to dev\.azure\.com within 5 s/),
  },
  {
    ...{ task, phase, class: 'proxy is not there', code: 'SERVICE_UNREACHABLE', deadline: 30 },
    agentProxy: 'absent',
    requests: {},
    expect: ({ task }) => assert.match(logOf(task), /connection refused.*\n.*through the proxy 127\.0\.0\.1/),
  },
  {
    ...{ task, phase, class: 'proxy asks for credentials, 407', code: 'PROXY_REFUSED', deadline: 10 },
    world: { machine: { proxyUser: 'agent', proxyPassword: 'the-right-password' } },
    variables: { 'Agent.ProxyPassword': 'another-password' },
    requests: { CONNECT: 1 },
    expect: ({ task }) => assert.match(logOf(task), /--proxyusername USER --proxypassword PASSWORD/),
  },
  {
    ...{ task, phase, class: 'proxy forbids the host, 403', code: 'PROXY_REFUSED', deadline: 10 },
    world: faults({ ...azureDevOps, refuseConnect: 403 }),
    requests: { CONNECT: 1 },
    expect: ({ task }) => assert.match(logOf(task), /Allow dev\.azure\.com:443 on the proxy/),
  },
  {
    ...{ task, phase, class: 'proxy 502 twice, then fine', code: 'SUCCEEDED', deadline: 15 },
    world: faults({ ...azureDevOps, times: 2, refuseConnect: 502 }),
    requests: pastAll({ CONNECT: 2 }),
  },
  {
    ...{ task, phase, class: 'proxy 502 for ever', code: 'PROXY_REFUSED', deadline: 30 },
    world: faults({ ...azureDevOps, refuseConnect: 502 }),
    requests: { CONNECT: '3+' },
  },
  {
    ...{ task, phase, class: 'proxy 503 once, then fine', code: 'SUCCEEDED', deadline: 15 },
    world: faults({ ...azureDevOps, times: 1, refuseConnect: 503 }),
    requests: pastAll({ CONNECT: 1 }),
  },
  {
    ...{ task, phase, class: 'proxy cannot resolve the name, for ever', code: 'PROXY_REFUSED', deadline: 30 },
    world: faults({ ...azureDevOps, dnsFailure: true }),
    requests: { CONNECT: '3+' },
  },
  {
    ...{ task, phase, class: 'untrusted certificate', code: 'TLS_UNTRUSTED', deadline: 10 },
    world: faults({ ...azureDevOps, untrustedCertificate: true }),
    requests: {},
    expect: ({ task }) => assert.match(logOf(task), /--sslcacert/),
  },
  {
    ...{ task, phase, class: 'the CA file is not there', code: 'TLS_UNTRUSTED', deadline: 10 },
    variables: { 'Agent.CAInfo': '/nowhere/ca.pem' },
    requests: {},
    expect: ({ task }) => assert.match(logOf(task), /\/nowhere\/ca\.pem cannot be read/),
  },
  {
    ...{ task, phase, class: 'a token that somebody else signed', code: 'ID_TOKEN_UNVERIFIED', deadline: 10 },
    world: () => faults({ ...tokenService, answer: json(200, { oidcToken: forgedToken() }) }),
    requests: { oidctoken: 1, AssumeRoleWithWebIdentity: 1 },
  },
];
