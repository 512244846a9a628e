/**
 * Makes text from outside safe to print in a job's log. The agent takes any line that holds `##vso[` for a command
 * and a line that begins with `##[` for a format mark (docs/architecture.md, "The log"); both are broken up with a
 * space. Control characters could move the cursor or hide text: all but tab and line feed become `�`.
 */
export function neutralise(text: string): string {
  return text
    .replace(/\r\n?|[\u2028\u2029\u0085]/g, '\n')
    .replace(/(?![\t\n])[\p{Cc}\p{Cf}]/gu, '\ufffd')
    .replace(/#(?=#+(?:vso)?\[)/gi, '# ');
}
