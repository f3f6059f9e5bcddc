import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writePrivateFile } from '../files.ts';

const noteSchema = z.object({ backupAt: z.iso.datetime(), restoredAt: z.iso.datetime(), backup: z.string() });
/** Left in the data folder by a restore, until an operator has looked at what it brought back and deletes it. */
export type RestoredNote = z.infer<typeof noteSchema>;

export const restoredNoteFile = (dataDir: string): string => join(dataDir, 'restored.json');

export function writeRestoredNote(dataDir: string, note: RestoredNote): Promise<void> {
  return writePrivateFile(restoredNoteFile(dataDir), `${JSON.stringify(note, null, 2)}\n`);
}

/** Null when nothing was restored, or it was looked at. */
export async function readRestoredNote(dataDir: string): Promise<RestoredNote | null> {
  try {
    return noteSchema.parse(JSON.parse(await readFile(restoredNoteFile(dataDir), 'utf8')));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
