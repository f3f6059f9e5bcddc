import { isProduction, maxListed, OmError, type RolePermission } from '@omanager/contract';
import type { Call, ChangeCall, HandlersOf } from '../../../rpc/handlers.ts';
import { findHost } from '../findHost.ts';
import type { TerminalHost } from '../ports.ts';
import type { TerminalsOptions } from '../terminals.ts';
import { createViews } from '../views.ts';
import type { Hold, Holds } from './holds.ts';
import { createNotes, type FileNote, fileObject } from './notes.ts';
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
  const uploads = new Map<string, Upload | 'begins'>();
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
  function change(
    call: ChangeCall,
    { method, ...place }: Place & { method: string; [detail: string]: string | number | undefined },
    work: (files: HostFiles) => Promise<void>,
  ) {
    return call.commit(
      async (_tx, audit) => {
        audit.object = fileObject(place.host, place.path);
        return { ok: true as const };
      },
      () =>
        once(call, async () => {
          const host = await writable(call, place);
          const { confirm: _, ...details } = place;
          await note(call.signedIn(), { action: 'files.changing', ...place, details: { method, ...details } });
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

  /** What was asked for and not given is in the audit, too. The dispatcher knows of no refusal inside a stream. */
  async function noteRefused(call: Call, what: Pick<FileNote, 'action' | 'host' | 'path'>, error: unknown) {
    if (!(error instanceof OmError)) return;
    const outcome = error.code === 'FORBIDDEN' ? 'refused' : 'failed';
    await note(call.signedIn(), { ...what, outcome, code: error.code });
  }

  function own(call: Call, id: string): Upload {
    const upload = uploads.get(id);
    if (!upload || upload === 'begins' || upload.me.userId !== call.signedIn().userId)
      throw new OmError('NOT_FOUND', 'There is no such upload, or it has ended; begin it again.');
    call.authorize('file.write', { host: upload.host.id });
    return upload;
  }

  async function begin(call: ChangeCall, aim: UploadAim, place: Place): Promise<void> {
    if (uploads.has(aim.id)) throw new OmError('CONFLICT', 'There is an upload with this id.');
    uploads.set(aim.id, 'begins');
    try {
      uploads.set(aim.id, await beginOnce(call, aim, place));
    } catch (error) {
      uploads.delete(aim.id);
      throw error;
    }
  }

  async function beginOnce(call: ChangeCall, aim: UploadAim, place: Place): Promise<Upload> {
    const host = await writable(call, place);
    const { size, replace } = aim;
    const details = { method: 'files.upload', size, replace };
    await note(call.signedIn(), { action: 'files.changing', ...place, details });
    const { files, hold } = await open(call, host, 'file.write');
    const me = call.signedIn();
    const ended = (error: unknown) => {
      setTimeout(() => uploads.delete(aim.id), keepEndedMs).unref();
      // Refused before its first byte: that stands in the audit as the failure of the call.
      if (error === null || uploads.get(aim.id) === 'begins') return;
      const code = error instanceof OmError ? error.code : 'INTERNAL';
      const why = { method: 'files.upload', id: aim.id, message: String(error).slice(0, 500) };
      note(me, { action: 'files.ended', ...place, outcome: 'failed', code, details: why }).catch((cause: unknown) =>
        options.log.error({ err: String(cause).slice(0, 500) }, 'the end of an upload could not be audited'),
      );
    };
    return beginUpload({ aim, me, host, hold, files, ended });
  }

  return {
    'files.list': async (call, { host: name, path, find }) => {
      const host = await findHost(options, name, 'file.read', call.authorize);
      const { files, hold, signal } = await open(call, host, 'file.read', call.signal);
      let folder = path ?? '~';
      try {
        folder = await files.resolve(path);
        const { items, more } = await files.list(folder, { limit: maxListed, find, signal });
        await views.note(call.signedIn(), 'files.list', fileObject(host.name, folder));
        return {
          path: folder,
          login: host.user,
          items: items.map(({ modifiedAtMs, ...item }) => ({
            ...item,
            modifiedAt: new Date(modifiedAtMs).toISOString(),
          })),
          more,
        };
      } catch (error) {
        await noteRefused(call, { action: 'files.list', host: host.name, path: folder }, error);
        throw error;
      } finally {
        files.close();
        hold.release();
      }
    },

    'files.read': async function* (call, { host: name, path, after, like }) {
      const me = call.signedIn();
      const at = { host: name, path };
      const release: (() => void)[] = [];
      let begun = false;
      try {
        const host = await findHost(options, name, 'file.read', call.authorize);
        const { files, hold, signal } = await open(call, host, 'file.read', call.signal);
        release.push(files.close, hold.release);
        yield* readPieces(files, { path, after, like }, signal, {
          begun: async (file) => {
            await note(me, { action: 'files.read', ...at, details: { ...file, ...(after ? { after } : {}) } });
            begun = true;
          },
          ended: ({ bytes, sha256 }) =>
            note(me, { action: 'files.sent', ...at, details: { bytes, ...(sha256 ? { sha256 } : {}) } }),
        });
      } catch (error) {
        if (!begun) await noteRefused(call, { action: 'files.read', ...at }, error);
        throw error;
      } finally {
        for (const end of release) end();
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
      let done: { aim: UploadAim; result: { sha256: string; size: number } } | undefined;
      return call.commit(
        async (_tx, audit) => {
          if (!done) throw new Error('an upload was finished without its result');
          const { aim, result } = done;
          audit.object = fileObject(aim.host, aim.path);
          audit.details = { host: aim.host, path: aim.path, ...result };
          return result;
        },
        async () => {
          // Once it is in its place, that is written down whatever was taken away meanwhile.
          const upload = own(call, id);
          done = { aim: upload.aim, result: await upload.finish() };
        },
      );
    },
    'files.cancel': async (call, { id }) => {
      let aim: UploadAim | undefined;
      return call.commit(
        async (_tx, audit) => {
          if (!aim) throw new Error('an upload was given up that is not there');
          audit.object = fileObject(aim.host, aim.path);
          return { ok: true as const };
        },
        async () => {
          const upload = own(call, id);
          ({ aim } = upload);
          await upload.abandon(new OmError('CONFLICT', 'It was given up.'));
        },
      );
    },

    'files.makeFolder': (call, place) =>
      change(call, { method: 'files.makeFolder', ...place }, (files) => files.makeFolder(place.path)),
    'files.rename': (call, { to, ...place }) =>
      change(call, { method: 'files.rename', ...place, to }, (files) => files.rename(place.path, to)),
    'files.setMode': (call, { mode, ...place }) =>
      change(call, { method: 'files.setMode', ...place, mode }, (files) => files.setMode(place.path, mode)),
    'files.remove': (call, place) =>
      change(call, { method: 'files.remove', ...place }, (files) => files.remove(place.path)),
  };
}
