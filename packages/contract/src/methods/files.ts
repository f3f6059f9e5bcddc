import { z } from 'zod';
import { change, query, stream } from '../method.ts';
import { idSchema, nameSchema, okSchema, timeSchema } from '../models/common.ts';
import { fileEntrySchema, filePieceSchema, maxFilePiece, maxListed, remotePathSchema } from '../models/files.ts';

const size = z.int().min(0);
const host = nameSchema;
const path = remotePathSchema;
const onProduction = {
  confirm: z.string().max(100).optional().describe('on a production server: its name, typed by the person'),
};

export const fileMethods = {
  'files.list': query({
    permission: 'file.read',
    summary: 'What is in a folder of a server, as its login user sees it; audited',
    params: z.strictObject({
      host,
      path: path.optional().describe('else the home of the login user'),
      find: z.string().max(100).optional().describe('only names that contain it, whatever their case'),
    }),
    result: z.object({
      path: z.string().describe('the real folder, links followed'),
      login: z.string(),
      items: z.array(fileEntrySchema).describe(`at most ${maxListed}`),
      more: z.boolean().describe('there are names that are not told'),
    }),
  }),
  'files.read': stream({
    permission: 'file.read',
    summary: 'The content of a file of a server, to its end; audited with its SHA-256',
    params: z.strictObject({
      host,
      path,
      after: size.optional().describe('bytes that have arrived'),
      like: z
        .strictObject({ size, modifiedAt: timeSchema })
        .optional()
        .describe('goes on only while the file is this one'),
    }),
    result: filePieceSchema,
    prompt: true,
  }),
  'files.upload': change({
    permission: 'file.write',
    summary: 'Begin to put a file on a server; it appears there whole, with `files.finish`, or not at all',
    params: z.strictObject({
      id: idSchema.describe('made by the client; names it in the other calls'),
      host,
      path,
      size,
      replace: z.boolean().default(false).describe('what is at that path is replaced, and keeps its mode and owner'),
      ...onProduction,
    }),
    result: okSchema,
  }),
  'files.write': query({
    permission: 'file.write',
    summary: 'The next piece of an upload; a repeat writes nothing twice. Left for a minute, the upload ends',
    params: z.strictObject({
      id: idSchema,
      offset: size,
      data: z.base64().max(Math.ceil(maxFilePiece / 3) * 4),
    }),
    result: z.object({ received: size }),
  }),
  'files.finish': change({
    permission: 'file.write',
    summary: 'All of an upload has been sent: it is checked on the server and put in its place',
    params: z.strictObject({ id: idSchema }),
    result: z.object({ sha256: z.string(), size }),
  }),
  'files.cancel': change({
    permission: 'file.write',
    summary: 'Give up an upload; nothing of it stays on the server',
    params: z.strictObject({ id: idSchema }),
    result: okSchema,
  }),
  'files.makeFolder': change({
    permission: 'file.write',
    summary: 'Make a folder on a server',
    params: z.strictObject({ host, path, ...onProduction }),
    result: okSchema,
  }),
  'files.rename': change({
    permission: 'file.write',
    summary: 'Rename or move what is at a path of a server; never over something else',
    params: z.strictObject({ host, path, to: path, ...onProduction }),
    result: okSchema,
  }),
  'files.setMode': change({
    permission: 'file.write',
    summary: 'Set the permission bits of a file or folder of a server',
    params: z.strictObject({ host, path, mode: z.int().min(0).max(0o7777), ...onProduction }),
    result: okSchema,
  }),
  'files.remove': change({
    permission: 'file.write',
    summary: 'Remove a file, a link or an empty folder of a server',
    params: z.strictObject({ host, path, ...onProduction }),
    result: okSchema,
  }),
};
