/** A sandbox STS by itself, with a world, two issuers and a clock that tests may move. */

import { createSts } from '../../../sandbox/aws/sts.ts';
import type { SandboxRequest } from '../../../sandbox/http.ts';
import { parseWorld, type Role, type World } from '../../../sandbox/world.ts';
import { createIssuer, type Issuer, type TokenClaims } from './issuer.ts';
import {
  answerOf,
  type Credentials,
  call,
  type Form,
  type SigningOptions,
  type StsAnswer,
  signedCall,
} from './sts-caller.ts';

export const account = '111122223333';
export const otherAccount = '444455556666';
export const issuerUrl = 'https://vstoken.dev.azure.com/8a6e0c57-3b1d-4f29-a7c4-5d2e9f6b8a01';
export const issuerName = issuerUrl.slice('https://'.length);
export const audience = 'api://AzureADTokenExchange';
export const roleArn = `arn:aws:iam::${account}:role/deployer`;
export const providerArn = `arn:aws:iam::${account}:oidc-provider/${issuerName}`;

export const alice = {
  accessKeyId: 'AKIAALICEXXXXXXXXXXX',
  secretAccessKey: 'alice'.padEnd(40, '+'),
} as const;
export const bob = { accessKeyId: 'AKIABOBXXXXXXXXXXXXX', secretAccessKey: 'bob'.padEnd(40, '+') } as const;

export const trustToken = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { Federated: providerArn },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: {
        StringEquals: { [`${issuerName}:aud`]: audience },
        StringLike: { [`${issuerName}:sub`]: 'sc://contoso/shop/*' },
      },
    },
  ],
} satisfies Role['trustPolicy'];

/** An identity policy that allows actions on a resource. */
export const allow = (action: string | string[], resource = '*'): Role['policies'][string] => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: action, Resource: resource }],
});

/** A trust policy for one AWS principal. */
export const trust = (
  principal: string,
  action: string | string[] = 'sts:AssumeRole',
  condition?: Record<string, Record<string, string>>,
) =>
  ({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { AWS: principal },
        Action: action,
        ...(condition && { Condition: condition }),
      },
    ],
  }) satisfies Role['trustPolicy'];

export interface Testbed {
  readonly world: World;
  readonly issuer: Issuer;
  /** An issuer that only the other account knows. */
  readonly foreignIssuer: Issuer;
  readonly secrets: readonly string[];
  /** The services' clock; undefined runs with the real one. */
  clock: Date | undefined;
  now(): Date;
  /** A token that is as it should be, with other claims where given. */
  token(claims?: TokenClaims, header?: Readonly<Record<string, unknown>>): Promise<string>;
  /** AssumeRoleWithWebIdentity with such a token; undefined takes a parameter out. */
  federate(parameters?: Readonly<Record<string, string | undefined>>, host?: string): Promise<StsAnswer>;
  call(action: string, parameters?: Form, host?: string): Promise<StsAnswer>;
  signed(
    credentials: Credentials,
    action: string,
    parameters?: Form,
    options?: SigningOptions,
  ): Promise<StsAnswer>;
  send(request: SandboxRequest): Promise<StsAnswer>;
  /** Adds a role to the first account, or changes one. */
  role(name: string, role: Partial<Role>): string;
}

export async function createTestbed(): Promise<Testbed> {
  const [issuer, foreignIssuer] = await Promise.all([
    createIssuer(issuerUrl),
    createIssuer('https://idp.example.com'),
  ]);
  const world = parseWorld(JSON.stringify(worldFile), 'world.json');
  const secrets: string[] = [];
  const { service } = createSts({
    world,
    now: () => testbed.now(),
    rememberSecret: (secret) => secrets.push(secret),
    get: (url) => (url.startsWith(issuerUrl) ? issuer : foreignIssuer).get(url),
  });
  const testbed: Testbed = {
    world,
    issuer,
    foreignIssuer,
    secrets,
    clock: undefined,
    now: () => testbed.clock ?? new Date(),
    token(claims, header) {
      const seconds = Math.floor(testbed.now().getTime() / 1000);
      return issuer.token(
        {
          iss: issuerUrl,
          sub: 'sc://contoso/shop/aws-production',
          aud: audience,
          iat: seconds,
          nbf: seconds,
          exp: seconds + 300,
          ...claims,
        },
        header,
      );
    },
    async federate(parameters = {}, host) {
      const all = {
        RoleArn: roleArn,
        RoleSessionName: 'build-42',
        WebIdentityToken: await testbed.token(),
        ...parameters,
      };
      const given = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined);
      return call(service, 'AssumeRoleWithWebIdentity', Object.fromEntries(given), host);
    },
    call: (action, parameters = {}, host) => call(service, action, parameters, host),
    signed: (credentials, action, parameters, options) =>
      signedCall(service, credentials, action, parameters, { at: testbed.now(), ...options }),
    send: (request) => answerOf(service, request),
    role(name, role) {
      const { roles } = inAccount(world, account);
      const before = roles[name] ?? {
        path: '/',
        maxSessionDuration: 3600,
        trustPolicy: trustToken,
        policies: {},
      };
      const after = { ...before, ...role };
      roles[name] = after;
      return `arn:aws:iam::${account}:role${after.path}${name}`;
    },
  };
  return testbed;
}

export function inAccount(world: World, id: string): World['accounts'][string] {
  const found = world.accounts[id];
  if (found === undefined) throw new Error(`No account ${id}`);
  return found;
}

const worldFile = {
  organization: { name: 'contoso', id: issuerUrl.slice(-36), tenant: '0b1f6d2c-9e47-4c8a-b5d3-7f2a1e6c4b90' },
  project: { name: 'shop', id: '3f5c1b7e-2a94-4d6b-8e1f-9c0a7d5b3e62' },
  accounts: {
    [account]: {
      disabledRegions: ['ap-east-1'],
      oidcProviders: [{ url: issuerUrl, clientIds: [audience] }],
      roles: { deployer: { trustPolicy: trustToken, policies: { own: allow('sts:AssumeRole') } } },
      users: {
        alice: {
          ...alice,
          policies: { own: allow(['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity']) },
        },
      },
    },
    [otherAccount]: {
      oidcProviders: [{ url: 'https://idp.example.com', clientIds: [audience] }],
      roles: {},
      users: { bob },
    },
  },
};
