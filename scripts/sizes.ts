/** A size in bytes as people read it in a table: `181.4 KB`, a kilobyte being 1,000 bytes. */
export function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} KB`;
}
