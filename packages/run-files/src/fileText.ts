/** What is written. `mark`: a byte order mark first; a table has one unless it is false. */
export type FileContent =
  | { kind: 'txt'; text: string; mark?: boolean | undefined }
  | { kind: 'html'; title: string; text: string }
  | { kind: 'csv'; rows: readonly (readonly string[])[]; mark?: boolean | undefined }
  | { kind: 'jsonl'; rows: readonly unknown[] };

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
      return content.rows.map((row) => `${harmlessJson(JSON.stringify(row) ?? 'null')}\n`).join('');
  }
}

const htmlOf = (title: string, text: string): string => `${htmlHead(title)}${htmlText(text)}${htmlEnd}`;

export function htmlHead(title: string): string {
  const policy = "default-src 'none'; style-src 'unsafe-inline'";
  return [
    '<!doctype html>',
    '<html lang=""><head><meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    `<title>${escaped(title)}</title>`,
    '<style>body{margin:24px;font:14px/20px monospace}pre{white-space:pre-wrap}</style></head>',
    `<body><h1>${escaped(title)}</h1><pre>`,
  ].join('\n');
}

/** In between may stand any number of texts. */
export const htmlText = (text: string): string => escaped(text);
export const htmlEnd = '</pre></body></html>\n';

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

/** The same value, written so that a terminal obeys nothing in it. */
function harmlessJson(json: string): string {
  return json.replace(harmful, (char) => `\\u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`);
}
