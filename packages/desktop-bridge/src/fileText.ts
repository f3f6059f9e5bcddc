import type { FileContent } from './models.ts';

/** Of UTF-8: some programs of Windows read a file without it in another encoding. */
const mark = '\ufeff';

/** What is written. Output may hold anything: nothing in it becomes a script, a formula or a terminal's command. */
export function fileText(content: FileContent): string {
  switch (content.kind) {
    case 'txt':
      return `${content.mark ? mark : ''}${harmless(content.text)}`;
    case 'html':
      return htmlOf(content.title, content.text);
    case 'csv':
      // With a mark at the beginning, or a well-known spreadsheet reads Chinese as something else.
      return `${content.mark === false ? '' : mark}${content.rows.map((row) => `${row.map(cellOf).join(',')}\r\n`).join('')}`;
    case 'jsonl':
      return content.rows.map((row) => `${JSON.stringify(row) ?? 'null'}\n`).join('');
  }
}

function htmlOf(title: string, text: string): string {
  const policy = "default-src 'none'; style-src 'unsafe-inline'";
  return [
    '<!doctype html>',
    '<html lang=""><head><meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    `<title>${escaped(title)}</title>`,
    '<style>body{margin:24px;font:14px/20px monospace}pre{white-space:pre-wrap}</style></head>',
    `<body><h1>${escaped(title)}</h1><pre>${escaped(text)}</pre></body></html>\n`,
  ].join('\n');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string): string => harmless(text).replace(/[&<>"']/g, (char) => entities[char] ?? '');

/** Quoted always; what a spreadsheet would take for a formula begins with an apostrophe. */
function cellOf(cell: string): string {
  const text = harmless(cell);
  return `"${(/^[\s]*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
}

/** Controls but tab and line ends, bidi controls, marks that hide or join. */
const harmful = /(?!\r\n|[\t\n])\p{Cc}|[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu;

function harmless(text: string): string {
  return text.replace(harmful, (char) => `\u27e8${(char.codePointAt(0) ?? 0).toString(16).padStart(2, '0')}\u27e9`);
}
