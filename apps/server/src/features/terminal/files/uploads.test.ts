import { OmError } from '@omanager/contract';
import { describe, expect, it } from 'vitest';
import type { SignedIn } from '../../../rpc/actor.ts';
import type { TerminalHost } from '../ports.ts';
import type { HostFiles } from './ports.ts';
import { readPieces, type Sent } from './reading.ts';
import { beginUpload } from './uploads.ts';

const refuse = () => Promise.reject(new Error('not asked for here'));
const files: HostFiles = {
  ...{ resolve: refuse, list: refuse, open: refuse, place: refuse, makeFolder: refuse, rename: refuse },
  ...{ setMode: refuse, remove: refuse, close: () => {} },
};

/** An upload of four bytes that were all sent; `check` is what the server does before it renames. */
async function sentWhole(check: (signal: AbortSignal) => Promise<void>) {
  const place: HostFiles['place'] = async (_path, { source, signal }) => {
    let size = 0;
    for await (const piece of source) size += piece.length;
    await check(signal);
    return { sha256: 'of it', size };
  };
  const upload = await beginUpload({
    aim: { id: '1', host: 'web-1', path: '/srv/f', size: 4, replace: true },
    // Neither is looked at here.
    me: {} as SignedIn,
    host: {} as TerminalHost,
    hold: { signal: new AbortController().signal, release: () => {} },
    files: { ...files, place },
    ended: () => {},
  });
  await upload.write(0, Buffer.from('four'));
  return upload;
}
const givenUp = new OmError('CONFLICT', 'It was given up.');

describe('an upload that is given up while it is checked', () => {
  it('is gone, and whoever waits for its end is told', async () => {
    const upload = await sentWhole(
      (signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    );
    const finished = upload.finish();
    await Promise.all([expect(finished).rejects.toThrow('given up'), upload.abandon(givenUp)]);
  });

  it('too late, is said to be in its place', async () => {
    const checked = Promise.withResolvers<void>();
    const upload = await sentWhole(async () => checked.resolve());
    const finished = upload.finish();
    await checked.promise;
    await expect(upload.abandon(givenUp)).rejects.toThrow('/srv/f was in its place before it could be given up.');
    expect(await finished).toEqual({ sha256: 'of it', size: 4 });
  });
});

it('a file that becomes shorter while it is fetched is not told to be whole', async () => {
  const ended: Sent[] = [];
  const open: HostFiles['open'] = async () => ({
    ...{ size: 1000, modifiedAtMs: 0, close: async () => {} },
    async *read() {
      yield Buffer.alloc(10);
    },
  });
  const pieces = readPieces({ ...files, open }, { path: '/var/log/x' }, new AbortController().signal, {
    begun: async () => {},
    ended: async (sent) => void ended.push(sent),
  });
  const all = async () => {
    for await (const _ of pieces);
  };
  await expect(all()).rejects.toThrow('became shorter');
  expect(ended).toEqual([{ bytes: 10, sha256: null }]);
});
