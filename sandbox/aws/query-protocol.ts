/**
 * AWS's query protocol: an action and its parameters as a form, the answer in XML.
 *
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html and its siblings show both;
 * https://smithy.io/2.0/aws/protocols/aws-query-protocol.html defines them.
 */
import { randomUUID } from 'node:crypto';
import { formOf, type SandboxRequest, type SandboxResponse } from '../http.ts';
import { AwsError } from './errors.ts';

/** A call: the action, and the parameters that are its own. */
export interface QueryCall {
  readonly action: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** Parameters of every call, and those with which a presigned URL is signed. */
const notTheActions = new Set(['Action', 'Version']);
const isSigning = (name: string) => name.startsWith('X-Amz-');

/** https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html */
const malformedHttpRequest = (message: string) => new AwsError('MalformedHttpRequestException', 400, message);

/** Reads a call. Throws AwsError where it is none, or of another version than `version`. */
export function readCall(request: SandboxRequest, version: string): QueryCall {
  if (request.path !== '/') throw malformedHttpRequest(`${request.path} is not a path of this service.`);
  const fields = fieldsOf(request);
  const parameters = new Map<string, string>();
  for (const [name, value] of fields) {
    if (parameters.has(name)) throw malformedHttpRequest(`The parameter ${name} is given twice.`);
    parameters.set(name, value);
  }
  const action = parameters.get('Action');
  if (action === undefined) {
    throw new AwsError('MissingAction', 400, 'The request is missing an action or a required parameter.');
  }
  const asked = parameters.get('Version') ?? 'NO_VERSION_SPECIFIED';
  if (asked !== version) throw unknownOperation(action, asked);
  for (const name of parameters.keys())
    if (notTheActions.has(name) || isSigning(name)) parameters.delete(name);
  return { action, parameters };
}

/** The service's answer to an action it does not have. */
export function unknownOperation(action: string, version: string): AwsError {
  return new AwsError('InvalidAction', 400, `Could not find operation ${action} for version ${version}`);
}

/** A form in the body of a POST, or the query of a GET. Never both: one would be read and the other signed. */
function fieldsOf(request: SandboxRequest): [string, string][] {
  const query = [...request.query];
  if (request.method === 'GET') {
    if (request.body.length > 0) throw malformedHttpRequest('A GET request has no body.');
    return query;
  }
  if (request.method !== 'POST') throw malformedHttpRequest(`The method ${request.method} is not supported.`);
  const form = formOf(request);
  if (form === undefined)
    throw malformedHttpRequest('The content type must be application/x-www-form-urlencoded.');
  if (query.some(([name]) => !isSigning(name)))
    throw malformedHttpRequest('The parameters belong into the body.');
  return [...query, ...form];
}

/** An element's content: text, or elements in order. Elements without a value are left out. */
export type Xml = string | { readonly [element: string]: Xml | undefined };

function xml(name: string, content: Xml, attributes = ''): string {
  const inner =
    typeof content === 'string'
      ? escapeXml(content)
      : Object.entries(content)
          .map(([child, value]) => (value === undefined ? '' : xml(child, value)))
          .join('');
  return `<${name}${attributes}>${inner}</${name}>`;
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
const escapeXml = (text: string) => text.replace(/[&<>]/g, (character) => entities[character] ?? character);

function answer(status: number, requestId: string, body: string): SandboxResponse {
  return {
    status,
    headers: { 'Content-Type': 'text/xml', 'x-amzn-RequestId': requestId },
    body: `${body}\n`,
  };
}

/** The answer to a call that succeeded. `namespace` is the service's, ending in its version. */
export function success(namespace: string, action: string, result: Xml): SandboxResponse {
  const requestId = randomUUID();
  const content = { [`${action}Result`]: result, ResponseMetadata: { RequestId: requestId } };
  return answer(200, requestId, xml(`${action}Response`, content, ` xmlns="${namespace}"`));
}

/** The answer to a call that was refused. */
export function failure(namespace: string, error: AwsError): SandboxResponse {
  const requestId = randomUUID();
  const fault = {
    Type: error.status < 500 ? 'Sender' : 'Receiver',
    Code: error.code,
    Message: error.message,
  };
  return answer(
    error.status,
    requestId,
    xml('ErrorResponse', { Error: fault, RequestId: requestId }, ` xmlns="${namespace}"`),
  );
}
