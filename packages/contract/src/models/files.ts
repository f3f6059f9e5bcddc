import { z } from 'zod';
import { timeSchema } from './common.ts';

const maxPath = 4096;

/** One name in a folder of a server. */
export const isFileName = (name: string): boolean =>
  name !== '' && name !== '.' && name !== '..' && !/[/\0]/.test(name) && name.isWellFormed() && !isLost(name);

/** A name whose bytes are no UTF-8 came as U+FFFD in their place: what one would ask for is another name. */
export const isLost = (name: string): boolean => name.includes('\ufffd');

/** An absolute path on a server, without `.` and `..`: nobody is led elsewhere than it says. */
export const remotePathSchema = z
  .string()
  .max(maxPath)
  .refine(
    (path) => path === '/' || (path.startsWith('/') && path.slice(1).split('/').every(isFileName)),
    'an absolute path without . or .. or // in it, and without characters that are no UTF-8',
  );

export const fileKindSchema = z.enum(['file', 'directory', 'symlink', 'other']);
export type FileKind = z.infer<typeof fileKindSchema>;

export const fileEntrySchema = z.object({
  name: z.string(),
  kind: fileKindSchema,
  leadsTo: fileKindSchema
    .nullable()
    .describe('of a symlink: what is at its end; null: nothing, or it was not looked at'),
  size: z.int().min(0),
  modifiedAt: timeSchema,
  mode: z.int().describe('permission bits, with the set-id and sticky bits'),
  owner: z.string().describe('as the server names it'),
  group: z.string(),
});
export type FileEntry = z.infer<typeof fileEntrySchema>;

/** A folder shows so many names; who looks for one beyond says a part of it. */
export const maxListed = 5000;

/** Most bytes of a file in one message, either way. */
export const maxFilePiece = 256 * 1024;

export const filePieceSchema = z.object({
  size: z.int().describe('of the file when it was opened; those of /proc have 0 and say more'),
  modifiedAt: timeSchema,
  offset: z.int(),
  data: z.string().describe('base64'),
});
export type FilePiece = z.infer<typeof filePieceSchema>;
