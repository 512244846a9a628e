/** A job log as a picture: dark, with the colours that Azure DevOps gives its marks. */

const size = { font: 12, line: 17, character: 7.23, margin: 16 };
const background = '#1b1a19';

/** An SVG of the lines; their marks (`##[section]` …) become colours. */
export function pictureOf(lines: readonly string[], title: string): string {
  const width = Math.ceil(Math.max(...lines.map(({ length }) => length)) * size.character) + 2 * size.margin;
  const height = lines.length * size.line + 2 * size.margin;
  const texts = lines.map((line, index) => {
    const y = size.margin + (index + 0.75) * size.line;
    const [, mark = '', text = ''] = /^(?:##\[(\w+)\])?(.*)$/.exec(line) ?? [];
    const { colour, prefix = '' } = styles[mark] ?? { colour: '#eaeaea' };
    return `  <text x="${size.margin}" y="${y}" fill="${colour}">${escapeXml(prefix + text)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeXml(title)}" font-family="ui-monospace, Consolas, Menlo, monospace" font-size="${size.font}" xml:space="preserve">
  <rect width="100%" height="100%" rx="6" fill="${background}"/>
${texts.join('\n')}
</svg>
`;
}

const styles: Readonly<Record<string, { readonly colour: string; readonly prefix?: string }>> = {
  section: { colour: '#55a362' },
  group: { colour: '#c8c6c4', prefix: '▾ ' },
  error: { colour: '#f1707b' },
};

function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
