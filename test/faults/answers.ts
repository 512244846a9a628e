/** What services, and what stands between them and an agent, answer when something is wrong. */

/** An answer of STS in the query protocol (AWS Query protocol, "Error responses"). */
export function stsError(status: number, code: string, message: string) {
  return {
    status,
    headers: { 'Content-Type': 'text/xml' },
    body: `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <Error><Type>${status < 500 ? 'Sender' : 'Receiver'}</Type><Code>${code}</Code><Message>${message}</Message></Error>
  <RequestId>2c6d4f0e-3b7a-4a51-9a5e-6f1d7c8b9e02</RequestId>
</ErrorResponse>`,
  };
}

/** A page where an answer for programs was wanted. */
export const page = (status: number, title: string) => ({
  status,
  headers: { 'Content-Type': 'text/html; charset=utf-8' },
  body: `<!DOCTYPE html>\n<html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>\n`,
});

export const json = (status: number, value: unknown, headers: Readonly<Record<string, string>> = {}) => ({
  status,
  headers: { 'Content-Type': 'application/json; charset=utf-8', ...headers },
  body: JSON.stringify(value),
});

/** A token with the claims of the connection's, and with others; nobody has signed it. */
export function forgedToken(claims: Readonly<Record<string, unknown>> = {}): string {
  const now = Math.floor(Date.now() / 1000);
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const header = { typ: 'JWT', alg: 'RS256', kid: '0123456789ABCDEF0123456789ABCDEF01234567' };
  const payload = {
    sub: 'sc://contoso/shop/aws-production',
    aud: 'api://AzureADTokenExchange',
    iss: 'https://vstoken.dev.azure.com/8a6e0c57-41b9-4d0e-9c3a-5f2d7e1b6a90',
    ...{ iat: now, nbf: now, exp: now + 300 },
    ...claims,
  };
  return `${part(header)}.${part(payload)}.${Buffer.alloc(256, 7).toString('base64url')}`;
}
