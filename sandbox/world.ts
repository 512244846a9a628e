/**
 * The world the sandbox simulates, read from one YAML file: an Azure DevOps organisation with its service
 * connections, AWS accounts with their identity providers, roles and users, the computer the agent runs on, and what
 * goes wrong on purpose.
 */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { rolePoliciesSchema, trustPolicySchema, userPoliciesSchema } from './aws/iam/policy-document.ts';
import { parseYaml, section } from './checked-yaml.ts';
import { faultSchema } from './faults.ts';

const guid = z.guid('write a GUID, such as 6c9a1f4e-2b7d-4c35-9e0a-d1f2a3b4c5d6').toLowerCase();
const name = z.string('write a name').min(1, 'write a name');
/** Values of endpoint parameters and data are texts; YAML's numbers and booleans are taken as written. */
const text = z.union([z.string(), z.number(), z.boolean()], 'write a text').transform(String);

/** Something that may stand only once, and where it is written. */
interface Place {
  readonly identity: string;
  readonly path: readonly (string | number)[];
}

/** Refuses what stands a second time. */
const once =
  <Value>(placesOf: (value: Value) => readonly Place[]) =>
  (value: Value, context: z.RefinementCtx): void => {
    const first = new Map<string, Place>();
    for (const place of placesOf(value)) {
      const earlier = first.get(place.identity);
      if (earlier === undefined) first.set(place.identity, place);
      else {
        const message = `write another: ${place.identity} stands at ${earlier.path.join('.')} already`;
        context.addIssue({ code: 'custom', path: [...place.path], message });
      }
    }
  };

/** An instance of EC2 (EC2 User Guide, "Instance metadata options": HttpPutResponseHopLimit 1 to 64). */
const ec2 = section({
  /** Twelve digits: the account of the instance and of its role. */
  account: z.string().regex(/^\d{12}$/, 'write 12 digits, in quotes'),
  /** Name of the instance profile's role. */
  role: z.string('write the name of a role').min(1, 'write the name of a role').optional(),
  hopLimit: z.int('write a whole number').min(1, 'write 1 to 64').max(64, 'write 1 to 64').default(1),
  /** How many hops the agent is away: 1 on the instance itself, 2 in a container with a network of its own. */
  hops: z.int('write a whole number').min(1, 'write 1 or more').default(1),
});

/** An identity that Azure gives a machine. */
const managedIdentity = section({
  clientId: guid,
  /** Object id of its service principal: the subject of its tokens. */
  principalId: guid,
  assignment: z.enum(['system', 'user'], 'write system or user').default('user'),
  /** Whose form its tokens have: that of v1.0, or that of v2.0, as the application asked for it. */
  tokens: z.enum(['v1', 'v2'], 'write v1 or v2').default('v1'),
});

const managedIdentities = z
  .array(managedIdentity, 'write a list of identities')
  .superRefine((all, context) => {
    once<typeof all>((each) =>
      each.map(({ clientId }, index) => ({ identity: clientId, path: [index, 'clientId'] })),
    )(all, context);
    if (all.filter(({ assignment }) => assignment === 'system').length > 1) {
      context.addIssue({ code: 'custom', message: 'write one system-assigned identity, or none' });
    }
  });

const machine = section({
  /** The machine is an EC2 instance: it has an instance metadata service. */
  ec2: ec2.optional(),
  /** The machine is one of Azure's, and has these identities. */
  managedIdentities: managedIdentities.optional(),
  /** Applications of the tenant that tokens of managed identities can be made out for: client id by Application ID URI. */
  applications: z
    .record(z.string(), guid)
    .default({ 'api://AzureADTokenExchange': 'fb60f99c-7a34-4190-8149-302f77469936' }),
  /** Whether every step has HTTPS_PROXY and the like, as on a company's machine. */
  proxyVariables: z.boolean('write true or false').default(true),
  // A user name cannot hold a colon (RFC 7617 §2).
  proxyUser: z
    .string('write a text')
    .regex(/^[^:]+$/, 'write a name without a colon')
    .optional(),
  proxyPassword: z.string('write a text').min(1, 'write a password').optional(),
  /** Seconds by which the services' clock is ahead of the agent's. */
  clockOffset: z.number('write seconds').default(0),
}).refine(({ proxyUser, proxyPassword }) => (proxyUser === undefined) === (proxyPassword === undefined), {
  error: 'write proxyUser and proxyPassword, or neither',
});

const connection = section({
  id: guid,
  /** Endpoint type: AwsOidc, AWS, … */
  type: name,
  url: z.url('write a URL, such as https://aws.amazon.com/').default('https://aws.amazon.com/'),
  /** Authorization scheme, as ENDPOINT_AUTH_SCHEME_<id> has it. */
  scheme: name.default('none'),
  /** Authorization parameters, as ENDPOINT_AUTH_PARAMETER_<id>_<KEY> have them. */
  parameters: z.record(z.string(), text).default({}),
  /** As ENDPOINT_DATA_<id>_<KEY> have them. */
  data: z.record(z.string(), text).default({}),
  /** Which of the two forms the connection's ID tokens have. */
  issuer: z.enum(['vstoken', 'entra'], 'write vstoken or entra').optional(),
  // For worlds that are wrong on purpose: the tokens' aud, sub and azp, and the seconds they live.
  audience: z.string('write a text').optional(),
  subject: z.string('write a text').optional(),
  authorizedParty: z.string('write a text').optional(),
  lifetime: z.int('write whole seconds').optional(),
})
  // Only the workload-identity scheme is documented to have moved to Entra's tokens.
  .transform((written) => ({
    ...written,
    issuer: written.issuer ?? (/^workloadidentityfederation$/i.test(written.scheme) ? 'entra' : 'vstoken'),
  }));

/** Names of roles and users (IAM API reference, CreateRole: RoleName; CreateUser: UserName). */
const iamName = z.string().regex(/^[\w+=,.@-]{1,64}$/, 'write 1 to 64 of letters, digits and _+=,.@-');

/** IAM API reference, CreateRole: Path. */
const iamPath = z
  .string()
  .max(512, 'write 512 characters or less')
  .regex(/^\/([\x21-\x7e]+\/)?$/, 'write / or a path that begins and ends with /');

/** IAM API reference, CreateOpenIDConnectProvider: Url and ClientIDList. */
const oidcProvider = section({
  url: z
    .url({ protocol: /^https$/, error: 'write a URL that begins with https://' })
    .max(255, 'write 255 characters or less')
    .refine(
      (url) => !/[?#]/.test(url) && new URL(url).port === '',
      'write it without port, query and fragment',
    ),
  clientIds: z
    .array(z.string().min(1).max(255, 'write 255 characters or less'), 'write a list of client IDs')
    .max(100, 'write 100 client IDs or less')
    .default([]),
});

const role = section({
  path: iamPath.default('/'),
  // IAM API reference, CreateRole: MaxSessionDuration.
  maxSessionDuration: z
    .int('write whole seconds, 3600 to 43200')
    .min(3600, 'write 3600 seconds or more')
    .max(43200, 'write 43200 seconds or less')
    .default(3600),
  /** Seconds after which sessions really end, whatever was asked for: renewal is tried with short lives. */
  sessionLifetime: z.number('write seconds').positive('write seconds above 0').optional(),
  trustPolicy: trustPolicySchema,
  policies: rolePoliciesSchema.default({}),
});

const user = section({
  path: iamPath.default('/'),
  accessKeyId: z
    .string('write an access key id')
    .regex(/^AKIA[A-Z2-7]{16}$/, 'write AKIA and 16 of A-Z and 2-7'),
  secretAccessKey: z
    .string('write a secret access key')
    .regex(/^[A-Za-z0-9/+]{40}$/, 'write 40 of letters, digits, / and +'),
  policies: userPoliciesSchema.default({}),
});

/** "Names are not distinguished by case" (IAM API reference, CreateRole and CreateUser). */
const names = (entries: Readonly<Record<string, unknown>>) =>
  Object.keys(entries).map((key) => ({ identity: key.toLowerCase(), path: [key] }));

const region = z.string().regex(/^[a-z]{2,}(-[a-z]+)+-\d$/, 'write a region, such as ap-east-1');

const account = section({
  disabledRegions: z.array(region).default([]),
  oidcProviders: z
    .array(oidcProvider)
    .default([])
    .superRefine(
      once((providers) => providers.map(({ url }, index) => ({ identity: url, path: [index, 'url'] }))),
    ),
  roles: z.record(iamName, role).default({}).superRefine(once(names)),
  users: z.record(iamName, user).default({}).superRefine(once(names)),
});

const connections = z
  .record(name, connection)
  .default({})
  .superRefine(
    once((all) => Object.entries(all).map(([key, { id }]) => ({ identity: id, path: [key, 'id'] }))),
  );

const accounts = z
  .record(z.string().regex(/^\d{12}$/, 'write 12 digits, in quotes'), account)
  .default({})
  .superRefine(
    once((all) =>
      Object.entries(all).flatMap(([id, { users }]) =>
        Object.entries(users).map(([key, { accessKeyId }]) => ({
          identity: accessKeyId,
          path: [id, 'users', key, 'accessKeyId'],
        })),
      ),
    ),
  );

const routeUrl = z.url({ protocol: /^https?$/, error: 'write a URL, such as http://127.0.0.1:4566' });
const hostName = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, 'write a host name in lower case, without port');

const worldSchema = section({
  organization: section({ name, id: guid, tenant: guid }),
  project: section({ name, id: guid }),
  machine: machine.prefault({}),
  connections,
  accounts,
  routes: z.record(hostName, routeUrl).default({}),
  faults: z.array(faultSchema).default([]),
});

/** A world, complete: what the file leaves out has its default. */
export type World = z.infer<typeof worldSchema>;
/** A service connection of the world. */
export type Connection = World['connections'][string];
/** A managed identity of the world's machine. */
export type ManagedIdentity = z.infer<typeof managedIdentity>;
/** An AWS account of the world. */
export type Account = World['accounts'][string];
/** An IAM role of the world. */
export type Role = Account['roles'][string];

/**
 * Reads a world from YAML.
 *
 * @param file name used in faults only
 * @throws FileFault naming file, line and what to write, every fault at once
 */
export function parseWorld(yaml: string, file: string): World {
  return parseYaml(yaml, file, worldSchema);
}

/** Reads a world file; see `parseWorld`. */
export async function loadWorld(file: string): Promise<World> {
  return parseWorld(await readFile(file, 'utf8'), file);
}
