import { readFileSync } from 'node:fs';
import * as z from 'zod/mini';
import type { NetworkSettings } from '../../network/index.ts';
import type { FederationSettings } from '../federation-settings.ts';
import type { IdTokenSource } from '../id-token-source.ts';

const role = z.object({
  arn: z.string(),
  partition: z.string(),
  accountId: z.string(),
  roleName: z.string(),
});

const bypass = z.union([
  z.object({ form: z.literal('agent'), patterns: z.array(z.string()) }),
  z.object({ form: z.literal('no_proxy'), entries: z.array(z.string()) }),
]);

/**
 * What a later process needs to become the role again: the settings, the job's right to ask for ID tokens, and the
 * way to the network. Holds the job's access token and the proxy's password, so it lies in a file that only the
 * agent's user can read, and only until the job ends (docs/security-model.md).
 */
const renewalState = z.object({
  settings: z.object({
    connectionId: z.string(),
    region: z.string(),
    role,
    chain: z.array(role),
    externalId: z.optional(z.string()),
    sessionName: z.string(),
    sessionDuration: z.optional(z.number()),
    allowedAccounts: z.array(z.string()),
  }),
  source: z.object({ url: z.string(), connectionId: z.string(), accessToken: z.string() }),
  network: z.object({
    proxy: z.optional(
      z.object({
        url: z.string(),
        username: z.optional(z.string()),
        password: z.optional(z.string()),
        bypass,
      }),
    ),
    caFiles: z.array(z.string()),
  }),
});

export interface RenewalState {
  readonly settings: FederationSettings;
  readonly source: IdTokenSource;
  readonly network: NetworkSettings;
}

/** @throws ENOENT after the job has ended, ZodError when the file is not ours */
export function readRenewalState(file: string): RenewalState {
  return renewalState.parse(JSON.parse(readFileSync(file, 'utf8')));
}
