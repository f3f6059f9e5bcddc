import { createHash } from 'node:crypto';
import type { Client } from '@omanager/client';
import type { Recording, TerminalOutput } from '@omanager/contract';
import { v7 as uuid } from 'uuid';
import { waitFor } from '../lab/wait.ts';

/** How long anything may take here; nothing is said about how fast it is. */
const patienceMs = 30_000;
const keptBytes = 256 * 1024;

/** A person in front of a terminal: types, and sees what comes. */
export interface Sitting {
  readonly id: string;
  readonly recording: Recording;
  /** The last of what was said, as text. */
  text(): string;
  /** All bytes that came. */
  readonly received: number;
  /** SHA-256 of all of them. */
  digest(): string;
  readonly last: TerminalOutput | undefined;
  readonly failure: unknown;
  type(text: string): Promise<void>;
  resize(cols: number, rows: number): Promise<unknown>;
  sees(what: string | RegExp): Promise<void>;
  ended(): Promise<TerminalOutput>;
}

interface SitOptions {
  cols?: number;
  rows?: number;
  id?: string;
  /** Sit in front of one that is open. */
  again?: Recording;
}

export async function sit(
  client: Client,
  host: string,
  { cols = 80, rows = 24, id = uuid(), again }: SitOptions = {},
): Promise<Sitting> {
  const recording = again ?? (await client.call('terminals.open', { id, host, cols, rows }));
  const writer = uuid();
  const hash = createHash('sha256');
  let kept = Buffer.alloc(0);
  let received = 0;
  let said = 0;
  let typed = 0;
  let last: TerminalOutput | undefined;
  let failure: unknown;

  const send = async (data: Buffer) => {
    const offset = typed;
    typed += data.length;
    said = received;
    await client.call('terminals.input', {
      id: recording.id,
      writer,
      offset,
      data: data.toString('base64'),
      shown: received,
    });
  };

  void (async () => {
    try {
      for await (const event of client.stream('terminals.attach', { id: recording.id, writer })) {
        last = event;
        const data = Buffer.from(event.data, 'base64');
        if (event.offset !== received && received > 0) throw new Error(`offset ${event.offset}, not ${received}`);
        hash.update(data);
        received = event.offset + data.length;
        kept = Buffer.concat([kept, data]).subarray(-keptBytes);
        if (received - said > 128 * 1024 && event.end === null) await send(Buffer.alloc(0)).catch(() => {});
      }
    } catch (error) {
      failure = error;
    }
  })();

  const text = () => kept.toString('utf8');
  return {
    id: recording.id,
    recording,
    text,
    get received() {
      return received;
    },
    digest: () => hash.copy().digest('hex'),
    get last() {
      return last;
    },
    get failure() {
      return failure;
    },
    async type(what) {
      await waitFor('the shell is there', () => last?.state === 'open' || failure, patienceMs);
      await send(Buffer.from(what));
    },
    resize: (c, r) => client.call('terminals.resize', { id: recording.id, writer, cols: c, rows: r }),
    async sees(what) {
      const there = () => (typeof what === 'string' ? text().includes(what) : what.test(text()));
      await waitFor(`${what} on the terminal`, there, patienceMs).catch((error: Error) => {
        throw new Error(`${error.message}; it shows ${JSON.stringify(text().slice(-600))}, ${String(failure)}`);
      });
    },
    ended: () => waitFor('the terminal ends', () => (last?.end ? last : undefined), patienceMs),
  };
}

/** The recording as the file that it is, and the output in it. */
export async function play(
  client: Client,
  id: string,
): Promise<{ file: string; output: Buffer; events: [number, string, string][] }> {
  let file = '';
  for await (const { text } of client.stream('recordings.play', { id })) file += text;
  const events = file
    .split('\n')
    .slice(1, -1)
    .map((line): [number, string, string] => JSON.parse(line));
  // What was no text stands as bytes in an event of its own behind.
  const output = Buffer.concat(
    events.flatMap(([, code, data], index) => {
      if (code !== 'o') return [];
      const [, next, raw = ''] = events[index + 1] ?? [];
      return [next === 'x' ? Buffer.from(raw, 'base64') : Buffer.from(data)];
    }),
  );
  return { file, output, events };
}

/** A recording that is over. */
export async function finishedRecording(client: Client, id: string): Promise<Recording> {
  return waitFor(
    'the recording is over',
    async () => {
      const recording = await client.call('recordings.get', { id });
      return recording.endedAt === null ? undefined : recording;
    },
    patienceMs,
  );
}
