/**
 * Policy variables: `${key}`, `${key, 'default'}` and the escapes `${*}`, `${?}`, `${$}`.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
import { type Glyph, literalPattern, type Pattern, patternOf } from './pattern.ts';
import type { RequestContext } from './request-context.ts';

/** Version of the policy language. Variables exist since 2012-10-17; before, `${` is a text like any other. */
export type LanguageVersion = '2008-10-17' | '2012-10-17';

type Part =
  | { readonly text: string }
  | { readonly escaped: string }
  | { readonly variable: string; readonly byDefault?: string };

/** A text with its variables recognised. */
export type Template = readonly Part[];

/** `at fault` texts are those of IAM Access Analyzer's policy checks. */
export type TemplateReading = { readonly template: Template } | { readonly fault: string };

/** What a template comes to in one request: a pattern; or nothing, where a variable without default has no value. */
export type Expansion = { readonly pattern: Pattern } | 'no value' | 'unknown';

/**
 * Recognises the variables of a text.
 * Faults: https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html, the checks
 * "Missing brace in variable", "Empty variable", "Unsupported space in variable", "Missing quote in variable".
 */
export function readTemplate(text: string, version: LanguageVersion): TemplateReading {
  if (version === '2008-10-17') return { template: [{ text }] };
  const parts: Part[] = [];
  let rest = text;
  for (;;) {
    const start = rest.indexOf('${');
    if (start === -1) break;
    if (start > 0) parts.push({ text: rest.slice(0, start) });
    const end = rest.indexOf('}', start);
    if (end === -1)
      return {
        fault: 'The policy variable is missing a closing curly brace. Add } after the variable text.',
      };
    const part = readVariable(rest.slice(start + 2, end));
    if ('fault' in part) return part;
    parts.push(part);
    rest = rest.slice(end + 1);
  }
  if (rest !== '' || parts.length === 0) parts.push({ text: rest });
  return { template: parts };
}

function readVariable(inner: string): Part | { readonly fault: string } {
  if (inner.trim() === '') {
    return {
      fault:
        // biome-ignore lint/suspicious/noTemplateCurlyInString: the text speaks of one
        'Empty policy variable. Remove the ${ } variable structure or provide a variable within the structure.',
    };
  }
  if (inner === '*' || inner === '?' || inner === '$') return { escaped: inner };
  const comma = inner.indexOf(',');
  const variable = comma === -1 ? inner : inner.slice(0, comma);
  if (/\s/.test(variable)) {
    return { fault: 'A space is not supported within the policy variable text. Remove the space.' };
  }
  // A condition key has a prefix; the checks' page has no text of its own for a variable without one.
  if (!variable.includes(':'))
    return { fault: 'The condition key format is not valid. Use the format service:keyname.' };
  if (comma === -1) return { variable };
  // "surround the default value with single quotes, and separate the variable text and the default value with a
  // comma and space" (#policy-vars-default-values).
  const quoted = /^ '([^']*)'$/.exec(inner.slice(comma + 1));
  if (quoted?.[1] === undefined) {
    return {
      fault:
        'The policy variable default value must begin and end with a single quote. Add the missing quote.',
    };
  }
  return { variable, byDefault: quoted[1] };
}

/** Whether a text says something else in the language with variables than in the one without. */
export function hasVariables(template: Template): boolean {
  return template.some((part) => !('text' in part));
}

/** Puts values for variables. A value's own `*` and `?` are characters, not wildcards. */
export function expand(template: Template, context: RequestContext): Expansion {
  const glyphs: Glyph[] = [];
  for (const part of template) {
    if ('text' in part) {
      glyphs.push(...patternOf(part.text));
    } else if ('escaped' in part) {
      glyphs.push(...literalPattern(part.escaped));
    } else {
      const key = context.lookUp(part.variable);
      if (key.state === 'unknown') return 'unknown';
      // Only single-valued keys can be put into a text; a list has no one value to put.
      const value = key.state === 'present' ? key.value : part.byDefault;
      if (value === undefined) return 'no value';
      if (typeof value !== 'string') return 'unknown';
      glyphs.push(...literalPattern(value));
    }
  }
  return { pattern: glyphs };
}
