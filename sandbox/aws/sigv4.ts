/**
 * Signature Version 4, checked: in the Authorization header, or in the query of a presigned URL.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { SandboxRequest } from '../http.ts';
import { AwsError } from './errors.ts';

/** Where a signature has to be meant for. */
export interface SigningScope {
  readonly region: string;
  readonly service: string;
}

/** The secret of an access key, and the session token that has to come with it. */
export interface SigningKey {
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  /** When a session's credentials end. */
  readonly expiration?: Date;
}

const algorithm = 'AWS4-HMAC-SHA256';
const terminator = 'aws4_request';

/** "In most cases, a request must reach AWS within five minutes of the time stamp in the request." */
const tolerance = 5 * 60;
/** Seconds that a presigned URL may live: seven days (reference_sigv-authentication-methods.html). */
const longestLife = 604_800;

const incompleteSignature = (message: string) => new AwsError('IncompleteSignature', 400, message);
const signatureDoesNotMatch = (message: string) => new AwsError('SignatureDoesNotMatch', 403, message);
const invalidClientTokenId = () =>
  new AwsError('InvalidClientTokenId', 403, 'The security token included in the request is invalid.');

/** What a request says of its signature. */
interface Signature {
  readonly accessKeyId: string;
  /** `YYYYMMDD`, Region, service, terminator */
  readonly scope: readonly [date: string, region: string, service: string, terminator: string];
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** `YYYYMMDDTHHMMSSZ` */
  readonly date: string;
  readonly sessionToken?: string;
  /** Seconds that a presigned URL lives. */
  readonly expires?: number;
  readonly presigned: boolean;
}

/**
 * Verifies a request's signature and answers with the access key id that made it. Throws AwsError.
 * `keyOf` knows the access keys there are.
 */
export function verifySignature(
  request: SandboxRequest,
  expected: SigningScope,
  now: Date,
  keyOf: (accessKeyId: string) => SigningKey | undefined,
): string {
  const query = readQuery(request.rawUrl);
  const signature = readSignature(request, query);
  const key = keyOf(signature.accessKeyId);
  if (key === undefined || key.sessionToken !== signature.sessionToken) throw invalidClientTokenId();
  if (key.expiration !== undefined && now >= key.expiration) {
    throw new AwsError('ExpiredToken', 403, 'The security token included in the request is expired');
  }
  checkScope(signature, expected);
  checkTime(signature, now);
  checkSignedHeaders(signature, request);
  const calculated = sign(key.secretAccessKey, signature, canonicalRequest(request, query, signature));
  if (!timingSafeEqual(sha256(calculated), sha256(signature.signature))) {
    throw signatureDoesNotMatch(
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
    );
  }
  return signature.accessKeyId;
}

type Query = readonly (readonly [name: string, value: string])[];

/** The query as sent, decoded. `+` is a plus sign: SigV4 knows only percent-encoding. */
function readQuery(rawUrl: string): Query {
  const start = rawUrl.indexOf('?');
  if (start === -1 || start === rawUrl.length - 1) return [];
  return rawUrl
    .slice(start + 1)
    .split('&')
    .map((pair) => {
      const [name = '', ...value] = pair.split('=');
      try {
        return [decodeURIComponent(name), decodeURIComponent(value.join('='))] as const;
      } catch {
        throw incompleteSignature(`'${pair}' is not percent-encoded.`);
      }
    });
}

function readSignature(request: SandboxRequest, query: Query): Signature {
  const header = request.headers.authorization;
  const presigned = query.some(([name]) => name === 'X-Amz-Signature' || name === 'X-Amz-Algorithm');
  // "You can't add authentication information using both the Authorization header and query string parameters."
  if (header !== undefined && presigned) {
    throw incompleteSignature(
      'Authentication information is given in the Authorization header and in the query string.',
    );
  }
  if (presigned) return readPresigned(query);
  if (header === undefined) {
    throw new AwsError('MissingAuthenticationToken', 403, 'Request is missing Authentication Token');
  }
  return readHeader(header, request);
}

function readHeader(header: string, request: SandboxRequest): Signature {
  const [used = '', ...rest] = header.split(' ');
  if (used !== algorithm) throw incompleteSignature(`Unsupported AWS 'algorithm': '${used}'.`);
  const fields = new Map<string, string>();
  for (const part of rest.join(' ').split(',')) {
    const field = part.trim();
    const equals = field.indexOf('=');
    if (equals === -1) {
      throw incompleteSignature(
        `'${field}' not a valid key=value pair (missing equal-sign) in Authorization header: '${header}'.`,
      );
    }
    fields.set(field.slice(0, equals), field.slice(equals + 1));
  }
  const missing = ['Credential', 'Signature', 'SignedHeaders'].filter((name) => !fields.has(name));
  const date = request.headers['x-amz-date'];
  if (missing.length > 0 || date === undefined) {
    const wants = missing.map((name) => `Authorization header requires '${name}' parameter. `);
    if (date === undefined)
      wants.push("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ");
    throw incompleteSignature(`${wants.join('')}Authorization=${header}`);
  }
  const sessionToken = request.headers['x-amz-security-token'];
  return {
    ...readCredential(fields.get('Credential') ?? ''),
    signedHeaders: (fields.get('SignedHeaders') ?? '').split(';'),
    signature: fields.get('Signature') ?? '',
    date: readDate(date),
    ...(sessionToken === undefined ? {} : { sessionToken }),
    presigned: false,
  };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html */
function readPresigned(query: Query): Signature {
  const parameter = (name: string): string | undefined => {
    const [first, ...more] = query.filter(([given]) => given === name);
    if (more.length > 0) throw incompleteSignature(`The parameter ${name} is given twice.`);
    return first?.[1];
  };
  const required = [
    'X-Amz-Algorithm',
    'X-Amz-Credential',
    'X-Amz-Date',
    'X-Amz-Expires',
    'X-Amz-Signature',
    'X-Amz-SignedHeaders',
  ];
  const missing = required.filter((name) => parameter(name) === undefined);
  if (missing.length > 0) {
    throw incompleteSignature(
      missing
        .map((name) => `AWS query-string parameters must include '${name}'. `)
        .join('')
        .trim(),
    );
  }
  const used = parameter('X-Amz-Algorithm') ?? '';
  if (used !== algorithm) throw incompleteSignature(`Unsupported AWS 'algorithm': '${used}'.`);
  const expires = parameter('X-Amz-Expires') ?? '';
  if (!/^\d{1,6}$/.test(expires) || Number(expires) < 1 || Number(expires) > longestLife) {
    throw incompleteSignature(`X-Amz-Expires must be between 1 and ${longestLife} seconds.`);
  }
  const sessionToken = parameter('X-Amz-Security-Token');
  return {
    ...readCredential(parameter('X-Amz-Credential') ?? ''),
    signedHeaders: (parameter('X-Amz-SignedHeaders') ?? '').split(';'),
    signature: parameter('X-Amz-Signature') ?? '',
    date: readDate(parameter('X-Amz-Date') ?? ''),
    ...(sessionToken === undefined ? {} : { sessionToken }),
    expires: Number(expires),
    presigned: true,
  };
}

function readCredential(credential: string): Pick<Signature, 'accessKeyId' | 'scope'> {
  const [accessKeyId, date, region, service, end, ...more] = credential.split('/');
  if (
    accessKeyId === undefined ||
    date === undefined ||
    region === undefined ||
    service === undefined ||
    end === undefined ||
    more.length > 0
  ) {
    throw incompleteSignature(
      `Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '${credential}'`,
    );
  }
  return { accessKeyId, scope: [date, region, service, end] };
}

function readDate(date: string): string {
  if (Number.isNaN(instantOf(date))) {
    throw incompleteSignature(
      `Date must be in ISO-8601 'basic format'. Got '${date}'. See http://en.wikipedia.org/wiki/ISO_8601`,
    );
  }
  return date;
}

/** Milliseconds since 1970 of `YYYYMMDDTHHMMSSZ`, or NaN. */
function instantOf(date: string): number {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date);
  if (parts === null) return Number.NaN;
  const [, year, month, day, hour, minute, second] = parts;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

const basicFormat = (instant: number) =>
  `${new Date(instant).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;

function checkScope({ scope, date }: Signature, expected: SigningScope): void {
  const [scopeDate, region, service, end] = scope;
  if (scopeDate !== date.slice(0, 8)) {
    throw signatureDoesNotMatch(
      `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${scopeDate}' != '${date.slice(0, 8)}', from '${date}'.`,
    );
  }
  if (region !== expected.region) {
    throw signatureDoesNotMatch(`Credential should be scoped to a valid Region, not '${region}'. `);
  }
  if (service !== expected.service) {
    throw signatureDoesNotMatch(`Credential should be scoped to correct service: '${expected.service}'. `);
  }
  if (end !== terminator) {
    throw signatureDoesNotMatch(
      `Credential should be scoped with a valid terminator: '${terminator}', not '${end}'. `,
    );
  }
}

function checkTime({ date, expires = tolerance }: Signature, now: Date): void {
  const signed = instantOf(date);
  const instant = Math.floor(now.getTime() / 1000) * 1000;
  const earliest = instant - expires * 1000;
  const latest = instant + tolerance * 1000;
  if (signed < earliest) {
    throw signatureDoesNotMatch(
      `Signature expired: ${date} is now earlier than ${basicFormat(earliest)} (${basicFormat(instant)} - ${expires / 60} min.)`,
    );
  }
  if (signed > latest) {
    throw signatureDoesNotMatch(
      `Signature not yet current: ${date} is still later than ${basicFormat(latest)} (${basicFormat(instant)} + ${tolerance / 60} min.)`,
    );
  }
}

/** "You must include the host header …, and any x-amz-* headers in the signature." */
function checkSignedHeaders({ signedHeaders, presigned }: Signature, request: SandboxRequest): void {
  const sorted = [...signedHeaders].sort();
  const wellFormed = signedHeaders.every(
    (name, index) => name === name.toLowerCase() && name === sorted[index],
  );
  if (!wellFormed || new Set(signedHeaders).size < signedHeaders.length) {
    throw signatureDoesNotMatch('SignedHeaders must be lower-case and in alphabetical order.');
  }
  const demanded = ['host', ...Object.keys(request.headers).filter((name) => name.startsWith('x-amz-'))];
  if (!presigned && request.headers['x-amz-date'] === undefined) demanded.push('date');
  for (const name of demanded) {
    if (!signedHeaders.includes(name)) {
      throw signatureDoesNotMatch(`'${name}' must be a 'SignedHeader' in the AWS Authorization.`);
    }
  }
  const absent = signedHeaders.find((name) => headerOf(request, name) === undefined);
  if (absent !== undefined)
    throw signatureDoesNotMatch(`The signed header '${absent}' is not in the request.`);
}

/** The host header is what the client asked for; with its port, where it gave one. */
const headerOf = (request: SandboxRequest, name: string): string | undefined =>
  request.headers[name] ?? (name === 'host' ? request.host : undefined);

/** Step 1 of the signing process. */
function canonicalRequest(request: SandboxRequest, query: Query, { signedHeaders }: Signature): string {
  const headers = signedHeaders.map(
    (name) => `${name}:${(headerOf(request, name) ?? '').trim().replace(/ +/g, ' ')}\n`,
  );
  return [
    request.method,
    canonicalUri(request.path),
    canonicalQuery(query),
    headers.join(''),
    signedHeaders.join(';'),
    sha256(request.body).toString('hex'),
  ].join('\n');
}

/** "Normalize URI paths according to RFC 3986 … each path segment must be URI-encoded twice", S3 apart. */
function canonicalUri(path: string): string {
  const segments: string[] = [];
  const written = path.split('/');
  for (const segment of written) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(uriEncode(segment));
  }
  const last = written.at(-1);
  const trailing = segments.length > 0 && (last === '' || last === '.' || last === '..') ? '/' : '';
  return `/${segments.join('/')}${trailing}`;
}

/** Sorted by name, then value, by code point of their encoded forms; without the signature itself. */
function canonicalQuery(query: Query): string {
  return query
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => [uriEncode(name), uriEncode(value)] as const)
    .sort(([nameA, valueA], [nameB, valueB]) => compare(nameA, nameB) || compare(valueA, valueB))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** Everything but A–Z, a–z, 0–9, `-`, `.`, `_` and `~`. */
const uriEncode = (text: string) =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** Steps 2 to 4: the signature, in hexadecimal. */
function sign(secret: string, { date, scope }: Signature, canonical: string): string {
  const stringToSign = [algorithm, date, scope.join('/'), sha256(canonical).toString('hex')].join('\n');
  const signingKey = scope.reduce<Buffer | string>((key, part) => hmac(key, part), `AWS4${secret}`);
  return hmac(signingKey, stringToSign).toString('hex');
}

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest();
const hmac = (key: string | Buffer, data: string) => createHmac('sha256', key).update(data).digest();
