import { type HttpResponse, retryAfterSeconds } from '../network/index.ts';
import { AwsServiceError } from './service-error.ts';

/** The form of a request in AWS's query protocol; parameters that are undefined are left out. */
export function queryBody(
  action: string,
  version: string,
  parameters: Readonly<Record<string, string | number | undefined>>,
): string {
  const all = Object.entries({ Action: action, Version: version, ...parameters });
  return all
    .flatMap(([name, value]) => (value === undefined ? [] : `${name}=${percentEncoded(String(value))}`))
    .join('&');
}

/** A list's parameters: `Name.member.1`, or `Name.member.1.Field` where its items are structures. */
export function members(
  name: string,
  items: readonly (string | Readonly<Record<string, string>>)[],
): Record<string, string> {
  const parameters = items.flatMap((item, index): [string, string][] => {
    const member = `${name}.member.${index + 1}`;
    if (typeof item === 'string') return [[member, item]];
    return Object.entries(item).map(([field, value]) => [`${member}.${field}`, value]);
  });
  return Object.fromEntries(parameters);
}

/**
 * Reads single text elements of an answer by their names. Enough for answers that name no element twice; the SDK's
 * client reads the same answers in test/lib/aws.
 * @throws AwsServiceError when the answer is no success, or is not one of the query protocol
 */
export function readQueryAnswer(action: string, answer: HttpResponse): (element: string) => string {
  if (answer.status !== 200) throw serviceError(answer);
  return (element) => {
    const value = textOf(answer.body, element);
    // An endpoint that says 200 without the fields of the API is not the service: never go on with empty credentials.
    if (!value)
      throw new AwsServiceError({
        ...notTheService(answer),
        message: `${action} was answered without ${element}`,
      });
    return value;
  };
}

/** Error answers: `<ErrorResponse><Error><Code>…</Code><Message>…</Message></Error><RequestId>…</RequestId></ErrorResponse>`. */
function serviceError(answer: HttpResponse): AwsServiceError {
  const code = textOf(answer.body, 'Code');
  const retryAfter = retryAfterSeconds(answer.headers['retry-after'], Date.now());
  if (!code) return new AwsServiceError({ ...notTheService(answer), retryAfter });
  return new AwsServiceError({
    code,
    message: textOf(answer.body, 'Message') ?? '',
    status: answer.status,
    requestId: textOf(answer.body, 'RequestId') ?? headerOf(answer, 'x-amzn-requestid'),
    retryAfter,
  });
}

function notTheService(answer: HttpResponse) {
  return {
    code: `HTTP ${answer.status}`,
    message: 'not an answer of the service, but of something in between, such as a proxy',
    status: answer.status,
    requestId: headerOf(answer, 'x-amzn-requestid'),
  };
}

function headerOf(answer: HttpResponse, name: string): string | undefined {
  return [answer.headers[name]].flat()[0];
}

function textOf(xml: string, element: string): string | undefined {
  const [, text] = new RegExp(`<${element}>([^<]*)</${element}>`).exec(xml) ?? [];
  return text === undefined ? undefined : withoutEntities(text).trim() || undefined;
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function withoutEntities(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w+));/gi, (whole, hex, decimal, name) => {
    if (name) return entities[name] ?? whole;
    const codePoint = hex ? Number.parseInt(hex, 16) : Number(decimal);
    return codePoint <= 0x10ffff ? String.fromCodePoint(codePoint) : whole;
  });
}

/** RFC 3986: all but letters, digits and -._~ */
function percentEncoded(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
