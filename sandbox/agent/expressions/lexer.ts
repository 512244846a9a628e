/** The words of an expression. */
import { Version } from './values.ts';

/** A word, with the position (from 0) where it begins. */
export interface Token {
  readonly kind: 'punctuation' | 'literal' | 'keyword' | 'unrecognized';
  readonly text: string;
  readonly at: number;
  /** Of literals only. */
  readonly value?: boolean | number | string | Version;
}

const space = /\s/;
const punctuation = '()[],.*';
const keyword = /^[A-Za-z_][A-Za-z0-9_]*$/;
const endsWord = /[\s()[\],.]/;

/**
 * Cuts an expression into words.
 *
 * @see github.com/actions/runner, first release, DTExpressions/Expressions/LexicalAnalyzer.cs: the language's own
 *   analyser, shared with Azure Pipelines at the time
 */
export function tokensOf(expression: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < expression.length) {
    const character = expression.charAt(at);
    if (space.test(character)) {
      at++;
      continue;
    }
    const token = read(expression, at, tokens.at(-1));
    tokens.push(token);
    at += token.text.length;
  }
  return tokens;
}

function read(expression: string, at: number, last: Token | undefined): Token {
  const character = expression.charAt(at);
  if (character === "'") return readText(expression, at);
  // A point begins a number where a value may begin; elsewhere it names a property.
  const beginsValue = last === undefined || (last.kind === 'punctuation' && '([,'.includes(last.text));
  if (/[-0-9]/.test(character) || (character === '.' && beginsValue)) return readNumber(expression, at);
  if (punctuation.includes(character)) return { kind: 'punctuation', text: character, at };
  const text = wordAt(expression, at, endsWord);
  const afterPoint = last?.kind === 'punctuation' && last.text === '.';
  if (!afterPoint && /^(true|false)$/i.test(text)) {
    return { kind: 'literal', text, at, value: text.toLowerCase() === 'true' };
  }
  return { kind: keyword.test(text) ? 'keyword' : 'unrecognized', text, at };
}

function readText(expression: string, at: number): Token {
  const [text, inner] = /^'((?:[^']|'')*)'/.exec(expression.slice(at)) ?? [];
  if (text === undefined || inner === undefined)
    return { kind: 'unrecognized', text: expression.slice(at), at };
  return { kind: 'literal', text, at, value: inner.replaceAll("''", "'") };
}

function readNumber(expression: string, at: number): Token {
  const text = wordAt(expression, at, /[\s()[\],]/);
  const points = text.split('.').length - 1;
  const value =
    points >= 2 ? Version.parse(text) : /^[+-]?(?=\.?\d)\d*\.?\d*$/.test(text) ? Number(text) : undefined;
  return value === undefined ? { kind: 'unrecognized', text, at } : { kind: 'literal', text, at, value };
}

/** The text from a position up to what ends a word; its first character always belongs to it. */
function wordAt(expression: string, at: number, end: RegExp): string {
  let stop = at + 1;
  while (stop < expression.length && !end.test(expression.charAt(stop))) stop++;
  return expression.slice(at, stop);
}
