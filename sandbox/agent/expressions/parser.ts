/** From the text of an expression to its tree. */
import { refusedFunctions } from './functions.ts';
import { type Token, tokensOf } from './lexer.ts';
import type { Value } from './values.ts';

/** A parsed expression. */
export type Expression =
  | { readonly kind: 'literal'; readonly value: Value }
  | { readonly kind: 'named'; readonly name: string }
  | { readonly kind: 'call'; readonly name: string; readonly parameters: readonly Expression[] }
  | { readonly kind: 'index'; readonly of: Expression; readonly by: Expression }
  | { readonly kind: 'filter'; readonly of: Expression };

/** What may be named where an expression stands. */
export interface Vocabulary {
  /** Lower-case names of values: `variables`, `dependencies`. */
  readonly values: readonly string[];
  /** How many parameters each function takes, by lower-case name. */
  readonly functions: ReadonlyMap<string, { readonly least: number; readonly most: number }>;
}

/** An expression that cannot be read; the message is the service's. */
class ExpressionFault extends Error {
  override readonly name = 'ExpressionFault';

  constructor(description: string, expression: string, token?: Token) {
    const where =
      token === undefined
        ? ''
        : `: '${token.text}'. Located at position ${token.at + 1} within expression: ${expression}`;
    super(`${description}${where}. For more help, refer to https://go.microsoft.com/fwlink/?linkid=842996`);
  }
}

/** ExpressionConstants.cs: MaxLength and MaxDepth. */
const maximumLength = 21_000;
const maximumDepth = 50;

/**
 * Reads an expression, without `$[ ]` or `${{ }}` around it.
 *
 * @returns undefined where it is empty
 * @throws ExpressionFault where it cannot be read or names what is not known
 * @see https://learn.microsoft.com/azure/devops/pipelines/process/expressions
 */
export function parseExpression(expression: string, vocabulary: Vocabulary): Expression | undefined {
  if (expression.length > maximumLength) {
    throw new ExpressionFault(`Exceeded max expression length ${maximumLength}`, expression);
  }
  const tokens = tokensOf(expression);
  if (tokens.length === 0) return undefined;
  const parser = new Parser(expression, tokens, vocabulary);
  return parser.parseWhole();
}

class Parser {
  readonly #expression: string;
  readonly #tokens: readonly Token[];
  readonly #vocabulary: Vocabulary;
  #next = 0;

  constructor(expression: string, tokens: readonly Token[], vocabulary: Vocabulary) {
    this.#expression = expression;
    this.#tokens = tokens;
    this.#vocabulary = vocabulary;
  }

  parseWhole(): Expression {
    const whole = this.#parseValue(0);
    const left = this.#tokens[this.#next];
    if (left !== undefined) throw this.#unexpected(left);
    return whole;
  }

  #parseValue(depth: number): Expression {
    if (depth >= maximumDepth) {
      throw new ExpressionFault(`Exceeded max expression depth ${maximumDepth}`, this.#expression);
    }
    const token = this.#take();
    if (token.kind === 'unrecognized') throw this.#fault('Unrecognized value', token);
    if (token.kind === 'punctuation') throw this.#unexpected(token);
    if (token.kind === 'literal') return { kind: 'literal', value: token.value ?? null };
    return this.#parseIndexes(this.#parseKeyword(token, depth), depth);
  }

  #parseKeyword(token: Token, depth: number): Expression {
    const name = token.text.toLowerCase();
    if (this.#vocabulary.values.includes(name)) return { kind: 'named', name };
    const advice = refusedFunctions.get(name);
    if (advice !== undefined) throw new Error(advice);
    const arity = this.#vocabulary.functions.get(name);
    if (arity === undefined) throw this.#fault('Unrecognized value', token);
    if (!this.#skip('(')) throw this.#fault("Expected '(' to follow a function", token);

    const parameters: Expression[] = [];
    while (!this.#skip(')')) {
      if (this.#next === this.#tokens.length) throw this.#fault('Unclosed function', token);
      if (parameters.length > 0) {
        const separator = this.#take();
        if (separator.text !== ',' || parameters.length >= arity.most) throw this.#unexpected(separator);
      } else if (arity.most === 0) {
        throw this.#unexpected(this.#take());
      }
      if (this.#next === this.#tokens.length) throw this.#fault('Unclosed function', token);
      parameters.push(this.#parseValue(depth + 1));
    }
    if (parameters.length < arity.least) throw this.#unexpected(this.#last());
    return { kind: 'call', name, parameters };
  }

  #parseIndexes(start: Expression, depth: number): Expression {
    let of = start;
    for (;;) {
      if (this.#skip('.')) {
        const property = this.#tokens[this.#next++];
        if (property?.text === '*') of = { kind: 'filter', of };
        else if (property?.kind === 'keyword') of = indexed(of, { kind: 'literal', value: property.text });
        else
          throw this.#fault("Expected a property name to follow the dereference operator '.'", this.#last());
      } else if (this.#skip('[')) {
        const open = this.#last();
        if (this.#skip('*')) of = { kind: 'filter', of };
        else of = indexed(of, this.#parseValue(depth + 1));
        if (this.#next === this.#tokens.length) throw this.#fault('Unclosed indexer', open);
        if (!this.#skip(']')) throw this.#unexpected(this.#take());
      } else {
        return of;
      }
    }
  }

  #take(): Token {
    const token = this.#tokens[this.#next++];
    if (token === undefined) throw this.#unexpected(this.#last());
    return token;
  }

  #skip(punctuation: string): boolean {
    const token = this.#tokens[this.#next];
    if (token?.kind !== 'punctuation' || token.text !== punctuation) return false;
    this.#next++;
    return true;
  }

  #last(): Token {
    return (
      this.#tokens[Math.min(this.#next, this.#tokens.length) - 1] ?? { kind: 'punctuation', text: '', at: 0 }
    );
  }

  /** A word that nothing is known of is said to be unknown, wherever it stands. */
  #unexpected(token: Token): ExpressionFault {
    const name = token.text.toLowerCase();
    const { values, functions } = this.#vocabulary;
    const known =
      token.kind === 'keyword' ? values.includes(name) || functions.has(name) : token.kind !== 'unrecognized';
    return this.#fault(known ? 'Unexpected symbol' : 'Unrecognized value', token);
  }

  #fault(description: string, token: Token): ExpressionFault {
    return new ExpressionFault(description, this.#expression, token);
  }
}

const indexed = (of: Expression, by: Expression): Expression => ({ kind: 'index', of, by });
