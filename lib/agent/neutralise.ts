/**
 * What the agent may pass over while it looks for `##vso[`: it compares by the rules of a culture (String.IndexOf in
 * its Command.cs), which ignore zero-width characters, variation selectors and others, by system and version.
 */
const ignored = '[^ -~\\n]*';

/** The first of the two number signs that begin a command or a format mark. */
const numberSign = new RegExp(`#(?=${ignored}#${ignored}(?:v${ignored}s${ignored}o${ignored})?\\[)`, 'gi');

/**
 * Makes text from outside safe to print in a job's log. The agent takes any line that holds `##vso[` for a command
 * and a line that begins with `##[` for a format mark (docs/architecture.md, "The log"); both are broken up with a
 * space. Control characters could move the cursor or hide text: all but tab and line feed become `�`.
 */
export function neutralise(text: string): string {
  return text
    .replace(/\r\n?|[\u2028\u2029\u0085]/g, '\n')
    .replace(/(?![\t\n])[\p{Cc}\p{Cf}]/gu, '\ufffd')
    .replace(numberSign, '# ');
}
