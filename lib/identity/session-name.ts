/** AssumeRole*: RoleSessionName (STS API Reference). */
const longest = 64;
const valid = /^[\w+=,.@-]{2,64}$/;

/**
 * A session name that STS takes: each run of other characters becomes one hyphen, the length is cut. CloudTrail shows
 * the name, so it should still say which pipeline it was.
 */
export function sanitiseSessionName(wanted: string): { name: string; changed: boolean } {
  if (valid.test(wanted)) return { name: wanted, changed: false };
  const ascii = wanted.normalize('NFKD').replace(/[\u0300-\u036f]/g, '');
  const cleaned = ascii
    .replace(/[^A-Za-z0-9_+=,.@-]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, longest);
  return { name: cleaned.length >= 2 ? cleaned : `keyless-${cleaned || 'delivery'}`, changed: true };
}
