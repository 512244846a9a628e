/** Calls of STS as clients make them: a form in a POST, signed by the AWS SDK's signer where they are signed. */
import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import type { SandboxRequest, Service } from '../../../sandbox/http.ts';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export type Form = Readonly<Record<string, string>>;

/** What came back. */
export interface StsAnswer {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The text of the first element of a name. */
export function textOf({ body }: StsAnswer, element: string): string | undefined {
  const inner = new RegExp(`<${element}>([^<]*)</${element}>`).exec(body)?.[1];
  return inner
    ?.replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&amp;/g, '&');
}

/** `AccessDenied: Not authorized …`, or `ok`. */
export function outcomeOf(answer: StsAnswer): string {
  return answer.status === 200 ? 'ok' : `${textOf(answer, 'Code')}: ${textOf(answer, 'Message')}`;
}

export function credentialsOf(answer: StsAnswer): Credentials {
  const [accessKeyId, secretAccessKey, sessionToken] = ['AccessKeyId', 'SecretAccessKey', 'SessionToken'].map(
    (element) => textOf(answer, element),
  );
  if (accessKeyId === undefined || secretAccessKey === undefined || sessionToken === undefined) {
    throw new Error(`No credentials in ${answer.status} ${answer.body}`);
  }
  return { accessKeyId, secretAccessKey, sessionToken };
}

export const formOf = (action: string, parameters: Form = {}): string =>
  new URLSearchParams({ Action: action, Version: '2011-06-15', ...parameters }).toString();

/** The SDK's signer takes its hash functions from outside. */
class Sha256 {
  readonly #hash: Hash | Hmac;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(secret));
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytesOf(data));
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {
    throw new Error('A hash is used once');
  }
}

function bytesOf(data: string | ArrayBuffer | ArrayBufferView): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data, 'utf8');
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}

/** The AWS SDK's own signer. */
export const signer = (credentials: Credentials, region: string, service = 'sts') =>
  new SignatureV4({ credentials, region, service, sha256: Sha256, applyChecksum: false });

/** Where and when a call is signed for. */
export interface SigningOptions {
  readonly host?: string;
  readonly region?: string;
  readonly service?: string;
  readonly at?: Date;
}

/** Headers of a signed POST. */
export async function signedHeaders(
  form: string,
  credentials: Credentials,
  {
    host = 'sts.eu-west-1.amazonaws.com',
    region = 'eu-west-1',
    service = 'sts',
    at = new Date(),
  }: SigningOptions = {},
): Promise<Readonly<Record<string, string>>> {
  const { headers } = await signer(credentials, region, service).sign(
    {
      method: 'POST',
      protocol: 'https:',
      hostname: host,
      path: '/',
      query: {},
      headers: { host, 'content-type': 'application/x-www-form-urlencoded' },
      body: form,
    },
    { signingDate: at },
  );
  return headers;
}

/** A request as the sandbox's server hands it over. */
export function requestOf(parts: {
  readonly method?: string;
  readonly host?: string;
  readonly rawUrl?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}): SandboxRequest {
  const { method = 'POST', host = 'sts.eu-west-1.amazonaws.com', rawUrl = '/', body = '' } = parts;
  const headers = { host, 'content-type': 'application/x-www-form-urlencoded', ...parts.headers };
  const [path = '/', query = ''] = rawUrl.split('?');
  return {
    host,
    method,
    path,
    query: new URLSearchParams(query),
    rawUrl,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    body: Buffer.from(body),
    at: new Date(),
  };
}

export async function answerOf(service: Service, request: SandboxRequest): Promise<StsAnswer> {
  const { status, headers, body } = await service(request);
  return { status, headers, body: body.toString() };
}

/** An unsigned call of the sandbox. */
export const call = (service: Service, action: string, parameters: Form, host?: string) =>
  answerOf(service, requestOf({ body: formOf(action, parameters), ...(host === undefined ? {} : { host }) }));

/** A signed call of the sandbox. */
export async function signedCall(
  service: Service,
  credentials: Credentials,
  action: string,
  parameters: Form = {},
  options: SigningOptions = {},
): Promise<StsAnswer> {
  const body = formOf(action, parameters);
  const headers = await signedHeaders(body, credentials, options);
  return answerOf(
    service,
    requestOf({ body, headers, ...(options.host === undefined ? {} : { host: options.host }) }),
  );
}
