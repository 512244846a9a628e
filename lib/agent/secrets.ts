/**
 * A secret and the forms in which other programs print it: base64, base64url, URL-encoded. A multi-line secret is
 * given line by line, because the agent masks lines. Forms too short to be unmistakable (under 6 characters) are left
 * out: masking them would blacken innocent words.
 */
export function derivedForms(secret: string): string[] {
  const bytes = Buffer.from(secret, 'utf8');
  const base64 = bytes.toString('base64');
  const forms = [
    secret,
    base64,
    base64.replace(/=+$/, ''),
    bytes.toString('base64url'),
    // From the bytes: half a surrogate pair has no URL-encoded form of its own.
    encodeURIComponent(bytes.toString('utf8')),
    JSON.stringify(secret).slice(1, -1),
  ];
  const lines = forms.flatMap((form) => form.split(/\r?\n/));
  return [...new Set(lines)].filter((form) => form.trim().length >= 6);
}
