import assert from 'node:assert/strict';
import fc from 'fast-check';
import { marked, type Token } from 'marked';
import { reportAsMarkdown } from '../../../lib/report/index.ts';
import { hostileText } from '../agent/hostile-text.ts';
import { sampleReport as sample } from './sample-report.ts';

/** The text a reader sees, tokens of Markdown taken away. */
function seen(tokens: readonly Token[]): string {
  return tokens
    .map((token) =>
      'tokens' in token && token.tokens ? seen(token.tokens) : 'text' in token ? token.text : '',
    )
    .join('');
}

/** A report's blocks as a reader sees them: tables as rows of cells, the others as text. */
function blocks(markdown: string): { type: string; content: unknown }[] {
  return marked
    .lexer(markdown)
    .filter(({ type }) => type !== 'space')
    .map((token) => {
      if (token.type !== 'table') return { type: token.type, content: seen([token]) };
      const rows = [token.header, ...token.rows] as { tokens: Token[] }[][];
      return { type: 'table', content: rows.map((row) => row.map(({ tokens }) => seen(tokens))) };
    });
}

describe('the report as Markdown', () => {
  it('shows outcome, error, facts, tables, warnings and steps', () => {
    assert.deepEqual(blocks(reportAsMarkdown(sample)), [
      { type: 'heading', content: '❌ AwsFederate@1' },
      { type: 'paragraph', content: 'The role does not trust this service connection.' },
      { type: 'paragraph', content: 'ACCESS_DENIED The role does not trust this service connection.' },
      { type: 'paragraph', content: 'AWS STS said: AccessDenied' },
      { type: 'code', content: 'aws iam update-assume-role-policy \\\n  --role-name deployer' },
      { type: 'paragraph', content: 'Request id: req-1' },
      {
        type: 'table',
        content: [
          ['', ''],
          ['issuer', 'https://vstoken.dev.azure.com/x'],
        ],
      },
      { type: 'paragraph', content: 'Checks' },
      {
        type: 'table',
        content: [
          ['Check', 'Result'],
          ['ID token', 'ok'],
        ],
      },
      { type: 'paragraph', content: '⚠️ The session name was changed.' },
      {
        type: 'table',
        content: [
          ['Step', 'Result', 'Seconds'],
          ['Get an ID token', 'succeeded', '0.3'],
          ['Assume the role', 'failed', '1.3'],
        ],
      },
    ]);
  });

  it('leaves out what there is not', () => {
    const { error, ...rest } = sample;
    assert(error);
    const markdown = reportAsMarkdown({
      ...rest,
      outcome: 'succeeded',
      facts: [],
      tables: [],
      warnings: [],
    });
    assert.deepEqual(
      blocks(markdown).map(({ type }) => type),
      ['heading', 'paragraph', 'table'],
    );
    assert.match(markdown, /^### ✅ /);
  });

  /** Line breaks and other white space are one space in Markdown; what could hide text is shown. */
  const oneLine = (text: string) =>
    text
      .replace(/[\p{Cc}\p{Cf}]/gu, (character) => (/[\t\n\r]/.test(character) ? character : '\ufffd'))
      .replace(/\s+/g, ' ')
      .trim();

  it('takes every text literally: no link, image, HTML, table cell or block of its own', () => {
    const texts = fc.record({
      summary: hostileText,
      fact: hostileText,
      title: hostileText,
      cell: hostileText,
      warning: hostileText,
      what: hostileText,
      why: hostileText,
      remedy: hostileText,
      requestId: hostileText,
    });
    fc.assert(
      fc.property(texts, (text) => {
        const markdown = reportAsMarkdown({
          ...sample,
          summary: `a ${text.summary}`,
          steps: [{ title: text.title, outcome: 'failed', seconds: 1 }],
          facts: [{ name: text.fact, value: text.cell }],
          tables: [
            {
              title: `t ${text.title}`,
              rows: [
                ['Heading', text.cell],
                [text.cell, text.fact],
              ],
            },
          ],
          warnings: [`w ${text.warning}`],
          error: {
            code: 'ACCESS_DENIED',
            what: `w ${text.what}`,
            why: `w ${text.why}`,
            remedy: text.remedy,
            requestId: `r ${text.requestId}`,
          },
        });
        const kinds = new Set<string>();
        marked.walkTokens(marked.lexer(markdown), (token) => void kinds.add(token.type));
        for (const kind of kinds) {
          assert(
            ['heading', 'paragraph', 'table', 'code', 'space', 'strong', 'text', 'escape'].includes(kind),
            kind,
          );
        }
        assert.doesNotMatch(markdown.replace(/[\t\n]/g, ''), /[\p{Cc}\p{Cf}]/u);
        const shown = blocks(markdown);
        assert.deepEqual(
          shown.map(({ type, content }) => (type === 'code' ? type : content)),
          [
            '❌ AwsFederate@1',
            oneLine(`a ${text.summary}`),
            `ACCESS_DENIED ${oneLine(`w ${text.what}`)}`,
            oneLine(`w ${text.why}`),
            ...(text.remedy ? ['code'] : []),
            `Request id: ${oneLine(`r ${text.requestId}`)}`,
            [
              ['', ''],
              [oneLine(text.fact), oneLine(text.cell)],
            ],
            oneLine(`t ${text.title}`),
            [
              ['Heading', oneLine(text.cell)],
              [oneLine(text.cell), oneLine(text.fact)],
            ],
            `⚠️ ${oneLine(`w ${text.warning}`)}`,
            [
              ['Step', 'Result', 'Seconds'],
              [oneLine(text.title), 'failed', '1.0'],
            ],
          ],
        );
      }),
      { numRuns: 400 },
    );
  });
});
