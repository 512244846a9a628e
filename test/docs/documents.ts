/** The documents that people read, as the tests look at them: headings, links, and blocks of code. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import GithubSlugger from 'github-slugger';
import { lexer, type Token, type Tokens, walkTokens } from 'marked';

export const root = dirname(dirname(import.meta.dirname));

/** A fenced block of code. */
export interface Block {
  /** Where it stands, `docs/trust.md:40`, for messages. */
  readonly place: string;
  readonly language: string;
  readonly text: string;
  /**
   * What the comment right before the block says of it, which readers do not see: `<!-- fragment -->` or, with what
   * the block shows, `<!-- policy: chain -->`.
   */
  readonly mark: { readonly kind: string; readonly name: string } | undefined;
}

export interface Document {
  /** Relative to the repository, with `/`. */
  readonly file: string;
  readonly headings: readonly string[];
  /** What `#…` can point at, as GitHub makes it of a heading. */
  readonly anchors: ReadonlySet<string>;
  readonly links: readonly string[];
  readonly blocks: readonly Block[];
  readonly tables: readonly Table[];
}

/** A table, and the headings it stands under, the nearest last. */
export interface Table {
  readonly under: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Every document: those of the repository's root and those of docs/. */
export const documents: readonly Document[] = ['', 'docs']
  .flatMap((folder) => readdirSync(join(root, folder)).map((name) => (folder ? `${folder}/${name}` : name)))
  .filter((file) => file.endsWith('.md'))
  .map(readDocument);

/** The document of a file. @throws Error where there is none */
export function documentOf(file: string): Document {
  const document = documents.find((candidate) => candidate.file === file);
  if (document === undefined) throw new Error(`${file} is not there`);
  return document;
}

function readDocument(file: string): Document {
  const tokens = lexer(readFileSync(join(root, file), 'utf8'));
  const headings: { text: string; depth: number }[] = [];
  const links: string[] = [];
  const tables: Table[] = [];
  const blocks: Block[] = [];
  let line = 1;
  for (const [index, token] of tokens.entries()) {
    if (token.type === 'heading') headings.push({ text: plain(token), depth: token.depth });
    if (token.type === 'table') tables.push(readTable(token as Tokens.Table, headings));
    if (token.type === 'code')
      blocks.push(readBlock(token as Tokens.Code, tokens[index - 1], `${file}:${line}`));
    line += token.raw.split('\n').length - 1;
  }
  walkTokens(tokens, (token) => {
    if (token.type === 'link' || token.type === 'image') links.push(token.href);
  });
  for (const block of nestedBlocks(tokens, file)) blocks.push(block);
  const slugger = new GithubSlugger();
  return {
    file,
    headings: headings.map(({ text }) => text),
    anchors: new Set(headings.map(({ text }) => slugger.slug(text))),
    links,
    tables,
    blocks,
  };
}

/** Blocks inside lists; they have no mark. */
function nestedBlocks(tokens: readonly Token[], file: string): Block[] {
  const found: Block[] = [];
  for (const token of tokens) {
    if (token.type !== 'list') continue;
    walkTokens([token], (inner) => {
      if (inner.type === 'code') found.push(readBlock(inner as Tokens.Code, undefined, file));
    });
  }
  return found;
}

function readBlock({ lang, text }: Tokens.Code, before: Token | undefined, place: string): Block {
  const [, kind = '', name = ''] =
    (before?.type === 'html' && /^<!-- ([\w ]+?)(?:: (.+?))? -->$/.exec(before.raw.trim())) || [];
  return { place, language: lang ?? '', text, mark: kind ? { kind, name } : undefined };
}

function readTable(
  { header, rows }: Tokens.Table,
  headings: readonly { text: string; depth: number }[],
): Table {
  const under: string[] = [];
  let depth = Number.POSITIVE_INFINITY;
  for (const heading of [...headings].reverse()) {
    if (heading.depth >= depth) continue;
    under.unshift(heading.text);
    ({ depth } = heading);
  }
  return { under, rows: [header, ...rows].map((row) => row.map(({ text }) => text)) };
}

/** A heading's text without code marks and links. */
function plain(token: Token): string {
  const inner = 'tokens' in token ? token.tokens : undefined;
  if (inner === undefined) return 'text' in token ? token.text : token.raw;
  return inner.map(plain).join('');
}
