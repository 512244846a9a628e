/** The sandbox's STS with the same cast. */

import { trustPolicySchema } from '../../../sandbox/aws/iam/policy-document.ts';
import { createSts } from '../../../sandbox/aws/sts.ts';
import type { Service } from '../../../sandbox/http.ts';
import { parseWorld } from '../../../sandbox/world.ts';
import { createIssuer, type Issuer } from '../../sandbox/aws/issuer.ts';
import {
  type Credentials,
  call,
  credentialsOf,
  outcomeOf,
  signedCall,
} from '../../sandbox/aws/sts-caller.ts';
import type { Case, UserName } from './case.ts';
import { clientIds, home, hub, organization, partner, providers, users } from './cast.ts';

const host = 'sts.us-east-1.amazonaws.com';

export interface SandboxStage {
  /** A token with the case's claims, signed by its issuer. */
  tokenOf(one: Case): Promise<string | undefined>;
  /** What the sandbox makes of a case: `ok`, or its code and words. */
  play(one: Case, token: string | undefined): Promise<string>;
}

export async function createSandboxStage(): Promise<SandboxStage> {
  const issuers = await Promise.all(Object.values(providers).map((url) => createIssuer(url)));
  const world = createWorld();
  const { service } = createSts({
    world,
    now: () => new Date(),
    rememberSecret: () => {},
    get: async (url) => {
      const issuer = issuers.find((one) => url.startsWith(`${one.url}/`));
      if (issuer === undefined) throw new Error(`Nobody at ${url}`);
      return issuer.get(url);
    },
  });
  const session = credentialsOf(
    await signedCall(
      service,
      keyOf('alice'),
      'AssumeRole',
      { RoleArn: hub.arn, RoleSessionName: hub.sessionName },
      { host, region: 'us-east-1' },
    ),
  );
  return {
    tokenOf: async (one) =>
      one.asker.kind === 'webIdentity' ? signToken(issuers, one.asker.claims) : undefined,
    async play(one, token) {
      // IAM refuses a malformed document when a role is created with it.
      const trustPolicy = trustPolicySchema.safeParse(one.trustPolicy);
      if (!trustPolicy.success) return `MalformedPolicyDocument: ${trustPolicy.error.issues[0]?.message}`;
      const account = world.accounts[home];
      if (account === undefined) throw new Error('No account');
      account.roles[one.name] = {
        path: one.rolePath,
        maxSessionDuration: 3600,
        trustPolicy: trustPolicy.data,
        policies: {},
      };
      const answer = await ask(service, one, token, session);
      delete account.roles[one.name];
      return outcomeOf(answer);
    },
  };
}

function ask(service: Service, one: Case, token: string | undefined, session: Credentials) {
  const parameters = { RoleArn: one.roleArn, ...one.parameters };
  if (one.asker.kind === 'webIdentity') {
    return call(service, 'AssumeRoleWithWebIdentity', { ...parameters, WebIdentityToken: token ?? '' }, host);
  }
  const credentials = one.asker.kind === 'session' ? session : keyOf(one.asker.name);
  return signedCall(service, credentials, 'AssumeRole', parameters, { host, region: 'us-east-1' });
}

function signToken(issuers: readonly Issuer[], claims: Readonly<Record<string, unknown>>): Promise<string> {
  // A claimed issuer with a slash too many still signs with its own key.
  const issuer = issuers.find(({ url }) => String(claims.iss).startsWith(url));
  if (issuer === undefined) throw new Error(`Nobody signs for ${claims.iss}`);
  return issuer.token(claims);
}

/** Keys of the cast; the secrets are made of the names. */
function keyOf(name: UserName): Credentials {
  return {
    accessKeyId: `AKIA${name.toUpperCase().padEnd(16, 'X')}`,
    secretAccessKey: name.padEnd(40, '+'),
  };
}

function createWorld() {
  const usersOf = (account: string) =>
    Object.fromEntries(
      (Object.keys(users) as UserName[])
        .filter((name) => users[name].account === account)
        .map((name) => [
          name,
          { ...keyOf(name), policies: users[name].policy === undefined ? {} : { own: users[name].policy } },
        ]),
    );
  // JSON is YAML.
  return parseWorld(
    JSON.stringify({
      organization: { name: 'contoso', id: organization, tenant: '0b1f7c9e-93d0-4b0a-8f55-6f1f0f6a2c11' },
      project: { name: 'shop', id: '3f0d4c7f-9a51-4a2f-8a7d-5b108a6e0c57' },
      accounts: {
        [home]: {
          oidcProviders: [providers.vstoken, providers.entra].map((url) => ({ url, clientIds })),
          roles: { [hub.name]: { trustPolicy: hub.trustPolicy, policies: { own: hub.policy } } },
          users: usersOf(home),
        },
        [partner]: { users: usersOf(partner) },
      },
    }),
    'cast.json',
  );
}
