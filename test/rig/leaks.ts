/** Searching for secrets where none may be. */

/** Shorter ones cannot be told from ordinary text. */
const shortest = 8;

/**
 * Every secret found in a text, as it is or in a form that gives it away: base64 (wherever in the encoded text it
 * began), base64url, hexadecimal, URL-encoded, JSON.
 *
 * @param places texts by the name of where they stand
 * @returns `place holds secret 2 (base64): …` for each find, without the secret
 */
export function leaks(places: ReadonlyMap<string, string>, secrets: readonly string[]): string[] {
  return [...places].flatMap(([place, text]) =>
    secrets.flatMap((secret, index) =>
      [...formsOf(secret)]
        .filter(([, form]) => form.length >= shortest && text.includes(form))
        .map(([name]) => `${place} holds secret ${index + 1} of ${secrets.length} (${name})`),
    ),
  );
}

function formsOf(secret: string): Map<string, string> {
  const forms = new Map([
    ['as it is', secret],
    ['hexadecimal', Buffer.from(secret).toString('hex')],
    ['URL-encoded', encodeURIComponent(secret)],
    ['JSON', JSON.stringify(secret).slice(1, -1)],
  ]);
  // Whoever has a token's signature has the token: its other parts are no secret.
  const signature = /^[\w-]+\.[\w-]+\.([\w-]+)$/.exec(secret)?.[1];
  if (signature) forms.set('signature', signature);
  for (const before of [0, 1, 2]) {
    const encoded = base64Core(secret, before);
    forms.set(`base64 after ${before} bytes`, encoded);
    forms.set(`base64url after ${before} bytes`, encoded.replaceAll('+', '-').replaceAll('/', '_'));
  }
  return forms;
}

/** The characters of the base64 that come from the secret alone, where it stands so many bytes after a group began. */
function base64Core(secret: string, before: number): string {
  const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(secret)]);
  const first = Math.ceil((before * 8) / 6);
  const end = Math.floor((bytes.length * 8) / 6);
  return bytes.toString('base64').slice(first, end);
}
