/**
 * How Azure DevOps says no: a JSON of one shape from its REST API, and a sign-in page for people where it takes the
 * caller for a browser.
 */
import { json, type SandboxRequest, type SandboxResponse } from '../http.ts';
import type { World } from '../world.ts';

/** The API's error document; `typeKey` is its code. */
export function refusal(
  status: number,
  typeKey: string,
  message: string,
  namespace = webApi,
): SandboxResponse {
  return json(status, {
    $id: '1',
    innerException: null,
    message,
    typeName: `${namespace}.${typeKey}, ${namespace}`,
    typeKey,
    errorCode: 0,
    eventId: 3000,
  });
}

const webApi = 'Microsoft.VisualStudio.Services.WebApi';

const signInHost = 'spsprodweu1.vssps.visualstudio.com';

/**
 * The answer to a request without a living access token. Browsers are what the service expects, so the redirect to
 * the sign-in page is the rule and 401 the exception, had by `X-TFS-FedAuthRedirect: Suppress`.
 */
export function unauthenticated(request: SandboxRequest, { organization }: World): SandboxResponse {
  if (request.headers['x-tfs-fedauthredirect']?.toLowerCase() === 'suppress') {
    const { headers, ...answer } = refusal(
      401,
      'UnauthorizedRequestException',
      // The GUID is the service's name for nobody.
      `TF400813: The user 'aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa' is not authorized to access this resource.`,
      'Microsoft.TeamFoundation.Framework.Server',
    );
    const challenges = [
      `Bearer authorization_uri=https://login.microsoftonline.com/${organization.tenant}`,
      'Basic realm="https://dev.azure.com/"',
      'TFS-Federated',
    ];
    return { ...answer, headers: { ...headers, 'WWW-Authenticate': challenges.join(', ') } };
  }
  const back = encodeURIComponent(`https://${request.host}${request.rawUrl}`);
  const location = `https://${signInHost}/_signin?realm=dev.azure.com&reply_to=${back}&redirect=1`;
  return {
    status: 302,
    headers: { Location: location, 'Content-Type': 'text/html; charset=utf-8' },
    body: `<html><head><title>Object moved</title></head><body>
<h2>Object moved to <a href="${location.replaceAll('&', '&amp;')}">here</a>.</h2>
</body></html>
`,
  };
}

/** The sign-in page at the redirect's end: a success by its status (203), and HTML. */
export const signInSite = {
  serves: (host: string) => host === signInHost,
  service: (): SandboxResponse => ({
    status: 203,
    headers: { 'Content-Type': 'text/html; charset=utf-8' },
    body: `<!DOCTYPE html>
<html lang="en-US"><head><title>

            Azure DevOps Services | Sign In

</title></head><body></body></html>
`,
  }),
};
