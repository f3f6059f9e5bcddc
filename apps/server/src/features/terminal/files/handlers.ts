import { isProduction, maxListed, OmError, type RolePermission } from '@omanager/contract';
import type { Call, ChangeCall, HandlersOf } from '../../../rpc/handlers.ts';
import { findHost } from '../findHost.ts';
import type { TerminalHost } from '../ports.ts';
import type { TerminalsOptions } from '../terminals.ts';
import { createViews } from '../views.ts';
import type { Hold, Holds } from './holds.ts';
import { createNotes, fileObject } from './notes.ts';
import type { FilePorts, HostFiles } from './ports.ts';
import { readPieces } from './reading.ts';
import { beginUpload, type Upload, type UploadAim } from './uploads.ts';

export type FileHandlers = HandlersOf<
  | 'files.list'
  | 'files.read'
  | 'files.upload'
  | 'files.write'
  | 'files.finish'
  | 'files.cancel'
  | 'files.makeFolder'
  | 'files.rename'
  | 'files.setMode'
  | 'files.remove'
>;

export type FilesOptions = Pick<TerminalsOptions, 'db' | 'audit' | 'audited' | 'log'> & {
  ports: Pick<TerminalsOptions['ports'], 'resolve' | 'workerZones'> & FilePorts;
  holds: Holds;
};

/** Where a change is to happen, and the name that confirms it on production. */
interface Place {
  host: string;
  path: string;
  confirm?: string | undefined;
}

/** How long an upload that is over can still be asked for its result. */
const keepEndedMs = 60_000;

export function createFileHandlers(options: FilesOptions): FileHandlers {
  const { ports, holds } = options;
  const views = createViews(options);
  const note = createNotes(options);
  const uploads = new Map<string, Upload>();
  /** Acts under way by their call: one that is sent again waits for the first. */
  const acts = new Map<string, Promise<void>>();

  async function open(
    call: Call,
    host: TerminalHost,
    permission: RolePermission,
    until?: AbortSignal,
  ): Promise<{ files: HostFiles; hold: Hold; signal: AbortSignal }> {
    const hold = holds.take(call.signedIn(), host, permission);
    const signal = until ? AbortSignal.any([hold.signal, until]) : hold.signal;
    try {
      return { files: await ports.openFiles(host, signal), hold, signal };
    } catch (error) {
      hold.release();
      throw error;
    }
  }

  /** The server of a change: one may write there, and on production its name was typed. */
  async function writable(call: Call, { host: name, confirm }: Place): Promise<TerminalHost> {
    const host = await findHost(options, name, 'file.write', call.authorize);
    if (isProduction(host.environment) && confirm !== host.name)
      throw new OmError('CONFIRM_REQUIRED', `${host.name} is production: confirm with its name.`, {
        phrase: host.name,
      });
    return host;
  }

  async function once(call: ChangeCall, act: () => Promise<void>): Promise<void> {
    const key = `${call.signedIn().userId} ${call.callId}`;
    const underWay = acts.get(key) ?? act().finally(() => acts.delete(key));
    acts.set(key, underWay);
    await underWay;
  }

  /** A change that is one request: what is about to be done is in the audit before, and what became of it after. */
  function change(call: ChangeCall, method: string, place: Place, work: (files: HostFiles) => Promise<void>) {
    return call.commit(
      async (_tx, audit) => {
        audit.object = fileObject(place.host, place.path);
        return { ok: true as const };
      },
      () =>
        once(call, async () => {
          const host = await writable(call, place);
          await note(call.signedIn(), { action: 'files.changing', ...place, details: { method } });
          const { files, hold } = await open(call, host, 'file.write');
          try {
            await work(files);
          } finally {
            files.close();
            hold.release();
          }
        }),
    );
  }

  function own(call: Call, id: string): Upload {
    const upload = uploads.get(id);
    if (!upload || upload.me.userId !== call.signedIn().userId)
      throw new OmError('NOT_FOUND', 'There is no such upload, or it has ended; begin it again.');
    call.authorize('file.write', { host: upload.host.id });
    return upload;
  }

  async function begin(call: ChangeCall, aim: UploadAim, place: Place): Promise<void> {
    const there = uploads.get(aim.id);
    if (there) throw new OmError('CONFLICT', 'There is an upload with this id.');
    const host = await writable(call, place);
    const { size, replace } = aim;
    const details = { method: 'files.upload', size, replace };
    await note(call.signedIn(), { action: 'files.changing', ...place, details });
    const { files, hold } = await open(call, host, 'file.write');
    const me = call.signedIn();
    const ended = (error: unknown) => {
      setTimeout(() => uploads.delete(aim.id), keepEndedMs).unref();
      if (error === null || !uploads.has(aim.id)) return;
      const code = error instanceof OmError ? error.code : 'INTERNAL';
      const why = { method: 'files.upload', id: aim.id, message: String(error).slice(0, 500) };
      note(me, { action: 'files.ended', ...place, outcome: 'failed', code, details: why }).catch((cause: unknown) =>
        options.log.error({ err: String(cause).slice(0, 500) }, 'the end of an upload could not be audited'),
      );
    };
    uploads.set(aim.id, await beginUpload({ aim, me, host, hold, files, ended }));
  }

  return {
    'files.list': async (call, { host: name, path, find }) => {
      const host = await findHost(options, name, 'file.read', call.authorize);
      const { files, hold, signal } = await open(call, host, 'file.read', call.signal);
      try {
        const folder = await files.resolve(path);
        await views.note(call.signedIn(), 'files.list', fileObject(host.name, folder));
        const { items, more } = await files.list(folder, { limit: maxListed, find, signal });
        return {
          path: folder,
          login: host.user,
          items: items.map(({ modifiedAtMs, ...item }) => ({
            ...item,
            modifiedAt: new Date(modifiedAtMs).toISOString(),
          })),
          more,
        };
      } finally {
        files.close();
        hold.release();
      }
    },

    'files.read': async function* (call, { host: name, path, after, like }) {
      const host = await findHost(options, name, 'file.read', call.authorize);
      const { files, hold, signal } = await open(call, host, 'file.read', call.signal);
      const me = call.signedIn();
      const at = { host: host.name, path };
      try {
        yield* readPieces(files, { path, after, like }, signal, {
          begun: (file) => note(me, { action: 'files.read', ...at, details: { ...file, ...(after ? { after } : {}) } }),
          ended: ({ bytes, sha256 }) =>
            note(me, { action: 'files.sent', ...at, details: { bytes, ...(sha256 ? { sha256 } : {}) } }),
        });
      } finally {
        files.close();
        hold.release();
      }
    },

    'files.upload': (call, { confirm, ...aim }) =>
      call.commit(
        async (_tx, audit) => {
          audit.object = fileObject(aim.host, aim.path);
          return { ok: true as const };
        },
        () => once(call, () => begin(call, aim, { ...aim, confirm })),
      ),
    'files.write': async (call, { id, offset, data }) => {
      const upload = own(call, id);
      await upload.write(offset, Buffer.from(data, 'base64'));
      return { received: upload.received };
    },
    'files.finish': async (call, { id }) => {
      let result: { sha256: string; size: number } | undefined;
      return call.commit(
        async (_tx, audit) => {
          if (!result) throw new Error('an upload was finished without its result');
          const { aim } = own(call, id);
          audit.object = fileObject(aim.host, aim.path);
          audit.details = { host: aim.host, path: aim.path, ...result };
          return result;
        },
        async () => {
          result = await own(call, id).finish();
        },
      );
    },
    'files.cancel': async (call, { id }) =>
      call.commit(
        async (_tx, audit) => {
          const { aim } = own(call, id);
          audit.object = fileObject(aim.host, aim.path);
          return { ok: true as const };
        },
        () => own(call, id).abandon(new OmError('CONFLICT', 'It was given up.')),
      ),

    'files.makeFolder': (call, place) =>
      change(call, 'files.makeFolder', place, (files) => files.makeFolder(place.path)),
    'files.rename': (call, { to, ...place }) =>
      change(call, 'files.rename', place, (files) => files.rename(place.path, to)),
    'files.setMode': (call, { mode, ...place }) =>
      change(call, 'files.setMode', place, (files) => files.setMode(place.path, mode)),
    'files.remove': (call, place) => change(call, 'files.remove', place, (files) => files.remove(place.path)),
  };
}
