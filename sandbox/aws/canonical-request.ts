/**
 * The canonical request: what a signature covers, in the one form that both sides sign.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html#create-canonical-request
 */
import { createHash } from 'node:crypto';
import type { SandboxRequest } from '../http.ts';
import { AwsError } from './errors.ts';

/** Names and values as they mean, in the order sent. */
export type Query = readonly (readonly [name: string, value: string])[];

/** The query as sent, decoded. `+` is a plus sign: SigV4 knows only percent-encoding. */
export function readQuery(rawUrl: string): Query {
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
        throw new AwsError('IncompleteSignature', 400, `'${pair}' is not percent-encoded.`);
      }
    });
}

/** The host header is what the client asked for; with its port, where it gave one. */
export const headerOf = (request: SandboxRequest, name: string): string | undefined =>
  request.headers[name] ?? (name === 'host' ? request.host : undefined);

/** Step 1 of the signing process. */
export function canonicalRequest(
  request: SandboxRequest,
  query: Query,
  signedHeaders: readonly string[],
): string {
  const headers = signedHeaders.map(
    (name) => `${name}:${(headerOf(request, name) ?? '').trim().replace(/ +/g, ' ')}\n`,
  );
  return [
    request.method,
    canonicalUri(request.path),
    canonicalQuery(query),
    headers.join(''),
    signedHeaders.join(';'),
    createHash('sha256').update(request.body).digest('hex'),
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
