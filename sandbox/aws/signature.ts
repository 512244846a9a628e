/**
 * What a request says of its signature: in the Authorization header, or in the query of a presigned URL.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-signing-elements.html
 */
import type { SandboxRequest } from '../http.ts';
import type { Query } from './canonical-request.ts';
import { AwsError } from './errors.ts';

/** The one algorithm of Signature Version 4. */
export const algorithm = 'AWS4-HMAC-SHA256';

/** Seconds that a presigned URL may live: seven days (reference_sigv-authentication-methods.html). */
const longestLife = 604_800;

const incompleteSignature = (message: string) => new AwsError('IncompleteSignature', 400, message);

/** What a request says of its signature. */
export interface Signature {
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
}

/** Reads what a request says, in either place, without believing it. Throws AwsError. */
export function readSignature(request: SandboxRequest, query: Query): Signature {
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
export function instantOf(date: string): number {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date);
  if (parts === null) return Number.NaN;
  const [, year, month, day, hour, minute, second] = parts;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}
