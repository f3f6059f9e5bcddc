import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { type FileContent, fileText } from '@omanager/desktop-bridge';
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
  await writeFile(filePath, fileText(content), { encoding: 'utf8' });
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
  const extension = /\.(txt|log|html|csv|json|jsonl|zip)$/i.exec(name)?.[1] ?? 'txt';
  return `${plainName(name)}.${extension.toLowerCase()}`;
}
