import { readFileSync } from 'node:fs';
import * as z from 'zod/mini';
import type { NetworkSettings } from '../../network/index.ts';
import type { FederationSettings } from '../federation-settings.ts';

/**
 * What a later process needs to become the role again: the settings with the right to the first credentials (the
 * job's access token, a managed identity, keys), and the way to the network with the proxy's password. So it lies in a
 * file that only the agent's user can read, and only until the job ends (docs/security-model.md).
 */
export interface RenewalState {
  readonly settings: FederationSettings;
  readonly network: NetworkSettings;
}

const text = z.string();
const optionalText = z.optional(z.string());
const texts = z.record(z.string(), z.string());

const role = z.object({ arn: text, partition: text, accountId: text, roleName: text });

const source = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('azureDevOps'), url: text, connectionId: text, accessToken: text }),
  z.object({
    kind: z.literal('managedIdentity'),
    url: text,
    headers: texts,
    apiVersion: text,
    resource: text,
    clientId: optionalText,
  }),
]);

const origin = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('idToken'), source }),
  z.object({
    kind: z.literal('keys'),
    keys: z.object({ accessKeyId: text, secretAccessKey: text, sessionToken: optionalText }),
    named: text,
  }),
  z.object({ kind: z.literal('machine'), environment: texts }),
]);

const bypass = z.discriminatedUnion('form', [
  z.object({ form: z.literal('agent'), patterns: z.array(text) }),
  z.object({ form: z.literal('no_proxy'), entries: z.array(text) }),
]);

const renewalState = z.object({
  settings: z.object({
    origin,
    region: text,
    roles: z.array(role),
    externalId: optionalText,
    sessionName: text,
    sessionDuration: z.optional(z.number()),
    restrictions: z.object({
      tags: texts,
      transitiveTagKeys: z.array(text),
      policy: optionalText,
      policyArns: z.array(text),
    }),
    allowedAccounts: z.array(text),
  }),
  network: z.object({
    proxy: z.optional(z.object({ url: text, username: optionalText, password: optionalText, bypass })),
    caFiles: z.optional(z.array(text)),
  }),
});

/** @throws ENOENT after the job has ended, ZodError when the file is not ours */
export function readRenewalState(file: string): RenewalState {
  return renewalState.parse(JSON.parse(readFileSync(file, 'utf8')));
}
