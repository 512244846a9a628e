/**
 * Signature Version 4, checked.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { SandboxRequest } from '../http.ts';
import { canonicalRequest, headerOf, readQuery } from './canonical-request.ts';
import { AwsError } from './errors.ts';
import { algorithm, instantOf, readSignature, type Signature } from './signature.ts';

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

const terminator = 'aws4_request';

/** "In most cases, a request must reach AWS within five minutes of the time stamp in the request." */
const tolerance = 5 * 60;

const signatureDoesNotMatch = (message: string) => new AwsError('SignatureDoesNotMatch', 403, message);

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
  if (key === undefined || key.sessionToken !== signature.sessionToken) {
    throw new AwsError('InvalidClientTokenId', 403, 'The security token included in the request is invalid.');
  }
  if (key.expiration !== undefined && now >= key.expiration) {
    throw new AwsError('ExpiredToken', 403, 'The security token included in the request is expired');
  }
  checkScope(signature, expected);
  checkTime(signature, now);
  checkSignedHeaders(signature, request);
  const calculated = sign(
    key.secretAccessKey,
    signature,
    canonicalRequest(request, query, signature.signedHeaders),
  );
  if (!timingSafeEqual(sha256(calculated), sha256(signature.signature))) {
    throw signatureDoesNotMatch(
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
    );
  }
  return signature.accessKeyId;
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
function checkSignedHeaders({ signedHeaders }: Signature, request: SandboxRequest): void {
  const sorted = [...signedHeaders].sort();
  const wellFormed = signedHeaders.every(
    (name, index) => name === name.toLowerCase() && name === sorted[index],
  );
  if (!wellFormed || new Set(signedHeaders).size < signedHeaders.length) {
    throw signatureDoesNotMatch('SignedHeaders must be lower-case and in alphabetical order.');
  }
  const demanded = ['host', ...Object.keys(request.headers).filter((name) => name.startsWith('x-amz-'))];
  for (const name of demanded) {
    if (!signedHeaders.includes(name)) {
      throw signatureDoesNotMatch(`'${name}' must be a 'SignedHeader' in the AWS Authorization.`);
    }
  }
  const absent = signedHeaders.find((name) => headerOf(request, name) === undefined);
  if (absent !== undefined)
    throw signatureDoesNotMatch(`The signed header '${absent}' is not in the request.`);
}

/** Steps 2 to 4: the signature, in hexadecimal. */
function sign(secret: string, { date, scope }: Signature, canonical: string): string {
  const stringToSign = [algorithm, date, scope.join('/'), sha256(canonical).toString('hex')].join('\n');
  const signingKey = scope.reduce<Buffer | string>((key, part) => hmac(key, part), `AWS4${secret}`);
  return hmac(signingKey, stringToSign).toString('hex');
}

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest();
const hmac = (key: string | Buffer, data: string) => createHmac('sha256', key).update(data).digest();
