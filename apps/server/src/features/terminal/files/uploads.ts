import { OmError } from '@omanager/contract';
import type { SignedIn } from '../../../rpc/actor.ts';
import type { TerminalHost } from '../ports.ts';
import { createFeed, type Feed } from './feed.ts';
import type { Hold } from './holds.ts';
import type { HostFiles } from './ports.ts';

/** Without a piece for so long an upload ends. */
const leftMs = 60_000;

export interface UploadAim {
  readonly id: string;
  readonly host: string;
  readonly path: string;
  readonly size: number;
  readonly replace: boolean;
}

export interface Upload {
  readonly aim: UploadAim;
  readonly me: SignedIn;
  readonly host: TerminalHost;
  readonly received: number;
  /** Takes the piece that stands at `offset`; resolves when the server has it. What came before is not taken again. */
  write(offset: number, piece: Uint8Array): Promise<void>;
  /** All has been sent: checked, and put in its place. */
  finish(): Promise<{ sha256: string; size: number }>;
  /** Ends it; resolves when nothing of it is on the server any more. CONFLICT when it was in its place before. */
  abandon(error: OmError): Promise<void>;
}

interface Begin {
  aim: UploadAim;
  me: SignedIn;
  host: TerminalHost;
  hold: Hold;
  files: HostFiles;
  /** It is over, well or not. */
  ended(error: unknown): void;
}

/** Begins to place a file whose content is pushed. Fails where the server refuses it before the first byte. */
export async function beginUpload({ aim, me, host, hold, files, ended }: Begin): Promise<Upload> {
  const feed: Feed = createFeed();
  const { path, replace, size } = aim;
  let received = 0;
  let pushing: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  const left = () => feed.fail(new OmError('LIMIT', `No piece of ${path} came for ${leftMs / 1000} s.`));
  const waitForMore = () => {
    clearTimeout(timer);
    timer = setTimeout(left, leftMs).unref();
  };
  const onAbort = () => feed.fail(hold.signal.reason);
  hold.signal.addEventListener('abort', onAbort);

  const stop = new AbortController();
  const signal = AbortSignal.any([hold.signal, stop.signal]);
  const placed = files.place(path, { source: feed.source, replace, signal }).finally(() => {
    clearTimeout(timer);
    hold.signal.removeEventListener('abort', onAbort);
    files.close();
    hold.release();
  });
  placed.then(
    () => ended(null),
    (error: unknown) => ended(error),
  );
  await Promise.race([feed.begun, placed]);
  waitForMore();

  async function takeNext(offset: number, piece: Uint8Array): Promise<void> {
    if (offset + piece.length <= received) return;
    if (offset !== received)
      throw new OmError('CONFLICT', `${received} bytes have arrived, and this piece begins at ${offset}.`, {
        received,
      });
    if (received + piece.length > size) throw new OmError('CONFLICT', `More came than the ${size} bytes announced.`);
    clearTimeout(timer);
    received += piece.length;
    // It failed: what the server said comes with it, after all was cleared away.
    if (!(await feed.push(piece))) await placed;
    if (received < size) waitForMore();
  }

  return {
    ...{ aim, me, host },
    get received() {
      return received;
    },
    write(offset, piece) {
      // In the order in which they came: two of them may be under way after a connection was cut.
      const written = pushing.then(() => takeNext(offset, piece));
      pushing = written.catch(() => {});
      return written;
    },
    async finish() {
      await pushing;
      if (received !== size) throw new OmError('CONFLICT', `${received} of ${size} bytes have arrived.`, { received });
      feed.end();
      return placed;
    },
    async abandon(error) {
      feed.fail(error);
      stop.abort(error);
      const over = await placed.then(
        () => 'placed' as const,
        () => 'gone' as const,
      );
      if (over === 'placed') throw new OmError('CONFLICT', `${path} was in its place before it could be given up.`);
    },
  };
}
