/**
 * The world the sandbox simulates, read from one YAML file: an Azure DevOps organisation with its service
 * connections, AWS accounts with their identity providers, roles and users, the computer the agent runs on, and what
 * goes wrong on purpose.
 */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { parseYaml, section } from './checked-yaml.ts';
import { faultSchema } from './faults.ts';
import { identityPolicySchema, trustPolicySchema } from './policy-document.ts';

const guid = z.guid('write a GUID, such as 6c9a1f4e-2b7d-4c35-9e0a-d1f2a3b4c5d6').toLowerCase();
const name = z.string('write a name').min(1, 'write a name');
const seconds = (least: number, most: number) =>
  z
    .int(`write whole seconds, ${least} to ${most}`)
    .min(least, `write ${least} seconds or more`)
    .max(most, `write ${most} seconds or less`);

/** Values of endpoint parameters and data are texts; YAML's numbers and booleans are taken as written. */
const text = z.union([z.string(), z.number(), z.boolean()], 'write a text').transform(String);

const machine = section({
  proxyVariables: z.boolean('write true or false').default(true),
  proxyUser: z.string().min(1).optional(),
  proxyPassword: z.string().min(1).optional(),
  clockOffset: z.number('write seconds').default(0),
});

const connection = section({
  id: guid,
  type: name,
  url: z.url('write a URL, such as https://aws.amazon.com/').default('https://aws.amazon.com/'),
  scheme: name.default('none'),
  parameters: z.record(z.string(), text).default({}),
  data: z.record(z.string(), text).default({}),
  issuer: z.enum(['vstoken', 'entra'], 'write vstoken or entra').optional(),
  audience: z.string().optional(),
  subject: z.string().optional(),
  authorizedParty: z.string().optional(),
  lifetime: z.number('write seconds').optional(),
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

const policies = z.record(z.string().regex(/^[\w+=,.@-]{1,128}$/), identityPolicySchema).default({});

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
  maxSessionDuration: seconds(3600, 43200).default(3600),
  sessionLifetime: z.number('write seconds').positive('write seconds above 0').optional(),
  trustPolicy: trustPolicySchema,
  policies,
});

const user = section({
  path: iamPath.default('/'),
  accessKeyId: z.string().regex(/^AKIA[A-Z2-7]{16}$/, 'write AKIA and 16 of A-Z and 2-7'),
  secretAccessKey: z.string().regex(/^[A-Za-z0-9/+]{40}$/, 'write 40 of letters, digits, / and +'),
  policies,
});

const account = section({
  disabledRegions: z
    .array(z.string().regex(/^[a-z]{2,}(-[a-z]+)+-\d$/, 'write regions, such as ap-east-1'))
    .default([]),
  oidcProviders: z.array(oidcProvider).default([]),
  roles: z.record(iamName, role).default({}),
  users: z.record(iamName, user).default({}),
});

const routeUrl = z.url({ protocol: /^https?$/, error: 'write a URL, such as http://127.0.0.1:4566' });
const hostName = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, 'write a host name in lower case, without port');

/** Refuses a second entry with an identity that an earlier one has. */
function unique<Entry>(key: string, identities: (entry: Entry) => string[]) {
  return (entries: Record<string, Entry>, context: z.RefinementCtx) => {
    const owners = new Map<string, string>();
    for (const [entryName, entry] of Object.entries(entries)) {
      for (const identity of identities(entry)) {
        const owner = owners.get(identity);
        if (owner !== undefined) {
          context.addIssue({
            code: 'custom',
            path: [entryName, key],
            message: `${owner} has ${identity} already`,
          });
        }
        owners.set(identity, entryName);
      }
    }
  };
}

const worldSchema = section({
  organization: section({ name, id: guid, tenant: guid }),
  project: section({ name, id: guid }),
  machine: machine.prefault({}),
  connections: z
    .record(name, connection)
    .default({})
    .superRefine(unique('id', ({ id }) => [id])),
  accounts: z
    .record(z.string().regex(/^\d{12}$/, 'write 12 digits, in quotes'), account)
    .default({})
    .superRefine(unique('users', ({ users }) => Object.values(users).map(({ accessKeyId }) => accessKeyId))),
  routes: z.record(hostName, routeUrl).default({}),
  faults: z.array(faultSchema).default([]),
});

/** A world, complete: what the file leaves out has its default. */
export type World = z.infer<typeof worldSchema>;
/** A service connection of the world. */
export type Connection = World['connections'][string];
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
