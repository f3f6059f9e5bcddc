/** `npm run picture`: runs the demo and draws what `om run` prints as docs/om-run.svg, so that the README shows the truth. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { fileURLToPath } from 'node:url';

const path = (relative: string) => fileURLToPath(new URL(`../../${relative}`, import.meta.url));
const columns = 100;
const line = 19;
const char = 8.4;
const colours: Record<string, string> = {
  31: '#ff7b72',
  32: '#7ee787',
  33: '#e3b341',
  36: '#79c0ff',
  2: '#8b949e',
  90: '#8b949e',
};

// In a terminal (script, of util-linux), since om shows colours nowhere else.
const command = `stty cols ${columns}; '${process.execPath}' '${path('test/demo/demo.ts')}'`;
const demo = spawn('script', ['-qec', command, '/dev/null'], { stdio: ['ignore', 'pipe', 'inherit'] });
let output = '';
demo.stdout.setEncoding('utf8').on('data', (text: string) => {
  output += text;
});
const [code] = await once(demo, 'close');
if (code !== 0) throw new Error(`the demo ended with ${code}`);

const esc = String.fromCharCode(27);
/** What stays of a redrawn row: what follows the last return to its beginning. */
const lines = output.split(/\r*\n/).map((text) =>
  text
    .slice(text.lastIndexOf('\r') + 1)
    .replaceAll(`${esc}[K`, '')
    .replaceAll(`${esc}[2K`, ''),
);
const isRun = (text: string) => text.includes('$ om run');
const firstRun = lines.findIndex(isRun);
const end = lines.findIndex((text, i) => i > firstRun && text.includes('The audit of what'));
const shown = lines.slice(firstRun, end).filter((text) => !text.includes('── ') && !text.includes('Digest'));
writeFileSync(path('docs/om-run.svg'), draw(shown));

function draw(rows: string[]): string {
  const height = rows.length * line + 52;
  const body = rows
    .map((row, i) => `<text x="18" y="${54 + i * line}" xml:space="preserve">${spans(row)}</text>`)
    .join('\n');
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${columns * char + 36}" height="${height}" font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,monospace" font-size="14" fill="#e6edf3">
<title>What om run prints: the plan, the progress, identical outputs folded</title>
<rect width="100%" height="100%" rx="10" fill="#0d1117"/>
<circle cx="20" cy="18" r="6" fill="#ff5f56"/><circle cx="40" cy="18" r="6" fill="#ffbd2e"/><circle cx="60" cy="18" r="6" fill="#27c93f"/>
${body}
</svg>
`;
}

/** ANSI colours of one row as tspans; too long rows end in an ellipsis. */
function spans(row: string): string {
  let style = '';
  let room = columns;
  let drawn = '';
  for (const [i, piece] of row.replaceAll(release(), '6.1.0-37-amd64').split(`${esc}[`).entries()) {
    const codes = i === 0 ? undefined : /^([\d;]*)m/.exec(piece)?.[1];
    if (codes !== undefined) style = styleOf(codes, style);
    const part = codes === undefined ? piece : piece.slice(codes.length + 1);
    const text = part.length > room ? `${part.slice(0, Math.max(0, room - 1))}…` : part;
    room -= part.length;
    if (text !== '') drawn += `<tspan${style}>${escapeXml(text)}</tspan>`;
    if (room <= 0) break;
  }
  return drawn;
}

function styleOf(codes: string, before: string): string {
  if (codes === '1') return `${before} font-weight="bold"`;
  const colour = colours[codes];
  return colour ? ` fill="${colour}"` : '';
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
