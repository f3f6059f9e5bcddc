import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { FileContent } from '@omanager/desktop-bridge';
import type { BrowserWindow } from 'electron';
import type { Electron } from './electron.ts';

const most = 100;

/** Asks where and writes there; a path never comes from the page. Null when the dialog was cancelled. */
export async function saveFile(
  { dialog }: Pick<Electron, 'dialog'>,
  window: BrowserWindow,
  suggestedName: string,
  content: FileContent,
): Promise<string | null> {
  const { canceled, filePath } = await dialog.showSaveDialog(window, {
    defaultPath: `${plainName(suggestedName)}.${content.kind}`,
    filters: [{ name: content.kind.toUpperCase(), extensions: [content.kind] }],
    properties: ['createDirectory', 'showOverwriteConfirmation'],
  });
  if (canceled || !filePath) return null;
  await writeFile(filePath, textOf(content), { encoding: 'utf8' });
  return basename(filePath);
}

/** A name without folders, in characters that every file system takes, and without its extension. */
export function plainName(name: string): string {
  const plain = name.replace(/\.[a-z]{1,5}$/i, '').replace(/[^\p{L}\p{N}_ -]+/gu, '-');
  return (
    plain
      .replace(/^[-. ]+/, '')
      .slice(0, most)
      .trimEnd() || 'output'
  );
}

/** For what the page made itself: as above, with an extension that nothing runs. */
export function downloadName(name: string): string {
  const extension = /\.(txt|log|html|csv|json|jsonl)$/i.exec(name)?.[1] ?? 'txt';
  return `${plainName(name)}.${extension.toLowerCase()}`;
}

/** What is written. Output may hold anything: nothing in it becomes a script, a formula or a terminal's command. */
export function textOf(content: FileContent): string {
  switch (content.kind) {
    case 'txt':
      return harmless(content.text);
    case 'html':
      return htmlOf(content.title, content.text);
    case 'csv':
      // With a mark at the beginning, or a well-known spreadsheet reads Chinese as something else.
      return `\ufeff${content.rows.map((row) => `${row.map(cellOf).join(',')}\r\n`).join('')}`;
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
