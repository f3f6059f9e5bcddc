import { join } from 'node:path';
import type { Client } from '@omanager/client';
import { v7 as uuid } from 'uuid';
import { openDatabase } from '../../apps/server/src/db/database.ts';
import { createCast } from '../../apps/server/src/features/terminal/cast.ts';
import { createRecorder } from '../../apps/server/src/features/terminal/recorder.ts';
import { addChunk, endRecording, insertRecording, markOpen } from '../../apps/server/src/features/terminal/store.ts';
import { readKeyFile } from '../../apps/server/src/features/vault/keyFile.ts';
import { createSealer } from '../../apps/server/src/features/vault/sealer.ts';

/** What a shell gave, and when, in milliseconds; a marker is Enter. */
export type Happening = readonly [at: number, output: string | 'enter'];

const sshPacket = 32 * 1024;
const mib = 1024 * 1024;
const size = { cols: 100, rows: 30 };

/** Puts recordings into the store of a server as its own recorder does, without waiting for their time to pass. */
export async function store(
  server: { dataDir: string },
  client: Client,
  host: string,
  happenings: Iterable<Happening>,
): Promise<{ id: string; bytes: number }> {
  const db = openDatabase({ kind: 'sqlite', file: join(server.dataDir, 'omserver.db') });
  const keys = await readKeyFile(join(server.dataDir, 'master.key'));
  if (!keys) throw new Error('the server has no key file');
  try {
    const { id: hostId } = await client.call('hosts.get', { name: host });
    const id = uuid();
    const startedAt = Date.now() - 10 * 3_600_000;
    let now = startedAt;
    await db.transaction((tx) =>
      insertRecording(tx, {
        ...{ id, host_id: hostId, host_name: host, address: '10.1.0.1', login: 'ops', user_id: uuid() },
        ...{ user_name: 'ada', from_address: '127.0.0.1', state: 'connecting' as const },
        ...{ started_at: startedAt, alive_at: startedAt, ...size, input: false },
      }),
    );
    await markOpen(db.knex, id, startedAt);
    const recorder = createRecorder({
      recordingId: id,
      sealer: createSealer(keys),
      limits: { storeTries: 1, storePauseMs: 0 },
      store: (chunk) => db.transaction((tx) => addChunk(tx, chunk)),
      now: () => now,
      onFailure(error) {
        throw error;
      },
    });
    const cast = createCast({ ...size, startedAt, title: `${host} ada` });
    await recorder.write(cast.header);
    for (const [at, output] of happenings) {
      now = startedAt + at;
      if (output === 'enter') await recorder.write(cast.marker(now), 1);
      else await recorder.write(cast.output(now, Buffer.from(output)));
    }
    await recorder.write(cast.end(now, 'exited', null));
    await recorder.end();
    await db.transaction((tx) => endRecording(tx, id, { state: 'ended', end: 'exited', message: null, at: now }));
    return { id, bytes: recorder.bytes };
  } finally {
    await db.close();
  }
}

/** `cat` of a large text, as it comes over SSH: 32 KiB at a time, some ten of them in a hundredth of a second. */
export function* catOf(megabytes: number): Generator<Happening> {
  yield [200, 'ops@web-01:~$ '];
  yield* typed(1000, 'cat big.log');
  let line = 0;
  for (let sent = 0, at = 3000; sent < megabytes * mib; at += 1) {
    let packet = '';
    while (packet.length < sshPacket) {
      line++;
      packet += `2026-11-22T10:${line % 60}:07 web-${line % 9} nginx[812]: GET /shop/item/${line} 200 ${line % 977} ms`;
      packet += line % 10_000 === 0 ? ' \u001b[31m超时\u001b[0m\r\n' : '\r\n';
    }
    sent += packet.length;
    yield [at, packet];
  }
  yield [60_000, 'ops@web-01:~$ '];
}

/** Hours of a person's day: commands in bursts, vim, top that draws every three seconds, and nothing for long. */
export function* dayOf(hours: number): Generator<Happening> {
  let at = 500;
  for (let round = 0; at < hours * 3_600_000; round++) {
    yield [at, 'ops@web-01:~$ '];
    yield* typed(at, `ls -l /var/log/${round}`);
    at += 4000;
    for (let i = 0; i < 40; i++)
      yield [at + i, `-rw-r--r-- 1 root root ${i * round} \u001b[1;34mnginx-${i}.日志\u001b[0m\r\n`];
    yield* vim(at + 1000);
    at += 60_000;
    yield [at, '\u001b[?1049h\u001b[22;0;0t\u001b[?1h\u001b='];
    for (const end = at + 20 * 60_000; at < end; at += 3000) yield [at, topScreen(at)];
    yield [at, '\u001b[?1l\u001b>\u001b[30;1H\r\u001b[?1049l\r\n'];
    at += 5 * 60_000;
  }
}

function* vim(at: number): Generator<Happening> {
  yield [at, '\u001b[?1049h\u001b[1;30r\u001b[?12h\u001b[?25l\u001b[H\u001b[2J'];
  for (let i = 0; i < 300; i++) {
    const scroll = i % 3 === 0 ? '\u001b[1;29r\u001b[29;1H\n\u001b[1;30r' : '';
    yield [
      at + i * 100,
      `${scroll}\u001b[${(i % 29) + 1};1H\u001b[33m${i}\u001b[0m 运维 line\u001b[K\u001b[30;1H-- INSERT --\u001b[K`,
    ];
  }
  yield [at + 31_000, '\u001b[?25h\u001b[?1049l'];
}

function topScreen(at: number): string {
  let screen = `\u001b[H\u001b[Jtop - ${at / 1000} up 12 days, load average: 0.${at % 97}\u001b[K\r\n\u001b[7m  PID USER  %CPU COMMAND\u001b[0m\u001b[K\r\n`;
  for (let i = 0; i < 27; i++)
    screen += `\u001b[1m${1000 + ((at + i * 7) % 9000)} root ${(at % (i + 11)) / 10} ${'#'.repeat((at + i) % 60)} worker-${i}\u001b[0m\u001b[K\r\n`;
  return screen;
}

function* typed(at: number, command: string): Generator<Happening> {
  for (const [i, key] of [...command].entries()) yield [at + i * 120, key];
  yield [at + command.length * 120, 'enter'];
  yield [at + command.length * 120, '\r\n'];
}
