import { randomBytes } from 'node:crypto';
import { permissionsOf, type RolePermission, type TerminalOutput } from '@omanager/contract';
import { createFleet } from '@omanager/ssh-fleet';
import { v7 as uuid } from 'uuid';
import { createLocalBus } from '../../apps/server/src/bus/bus.ts';
import type { Database } from '../../apps/server/src/db/database.ts';
import { recordedEnd } from '../../apps/server/src/features/audit/recordedEnd.ts';
import { writeAudit } from '../../apps/server/src/features/audit/writer.ts';
import { createKeeping } from '../../apps/server/src/features/terminal/keeping.ts';
import type { LiveTerminal } from '../../apps/server/src/features/terminal/liveTerminal.ts';
import { playRecording } from '../../apps/server/src/features/terminal/playback.ts';
import type { TerminalHost, TerminalSettings } from '../../apps/server/src/features/terminal/ports.ts';
import { findRecording, type RecordingRow } from '../../apps/server/src/features/terminal/store.ts';
import { createTerminals, type TerminalLimits } from '../../apps/server/src/features/terminal/terminals.ts';
import { createSealer } from '../../apps/server/src/features/vault/sealer.ts';
import type { SignedIn } from '../../apps/server/src/rpc/actor.ts';
import { generateKey } from '../lab/keys.ts';
import { type Sshd, startSshd } from '../lab/sshd.ts';
import { createUser, type LabUser } from '../lab/users.ts';
import { waitFor } from '../lab/wait.ts';

const patienceMs = 60_000;

/** A real sshd and a user on it, for terminals that the test itself holds. */
export async function startShells() {
  const key = generateKey();
  const user = await createUser({ authorizedKey: key.publicLine, shell: '/bin/bash' });
  const sshd = await startSshd();
  const fleet = createFleet({ connectTimeoutMs: 30_000 });
  const auth = { kind: 'key' as const, privateKey: key.privateKey };
  return {
    user,
    sshd,
    acquire: (signal: AbortSignal) =>
      fleet.acquire(
        {
          address: sshd.address,
          port: sshd.port,
          username: user.name,
          credential: { id: 'lab', version: 1, auth },
          trust: { keys: sshd.hostKeys, revoked: [], firstUse: 'refuse' },
          via: [],
        },
        signal,
      ),
    async stop() {
      await fleet.close();
      await sshd.stop();
      await user.remove();
    },
  };
}

type Shells = { user: LabUser; sshd: Sshd; acquire: Awaited<ReturnType<typeof startShells>>['acquire'] };

interface InsideOptions {
  db: Database;
  shells: Shells;
  settings?: Partial<TerminalSettings>;
  limits?: Partial<TerminalLimits>;
  now?: () => number;
}

/** Terminals as the server has them, over a database, with limits that a test can wait for. */
export function createInside({ db, shells, settings: more = {}, limits = {}, now }: InsideOptions) {
  const sealer = createSealer([{ id: '0123456789abcdef', key: randomBytes(32) }]);
  const settings = { idleMs: 1e9, recordInput: false, capBytes: 1e9, keepMs: null, keepBytes: null, ...more };
  const host: TerminalHost = {
    ...{ id: uuid(), name: 'web-01', address: shells.sshd.address, port: shells.sshd.port, user: shells.user.name },
    ...{ zoneId: uuid(), zone: 'default', environment: 'prod', credentialId: uuid() },
    ...{ credential: { name: 'lab', version: 1 }, route: [] },
  };
  const me: SignedIn = {
    ...{ kind: 'user', userId: uuid(), userName: 'ada', role: 'operator', permissions: permissionsOf.operator },
    ...{ deviceId: uuid(), sessionId: uuid(), tokenId: null, publicKey: 'key', address: '127.0.0.1' },
  };
  const denied = new Set<RolePermission>();
  const known = { host: host as TerminalHost | undefined };
  const clock = now === undefined ? {} : { now };
  const endedAs = (id: string) => recordedEnd(db.knex, id);
  const options = {
    ...{ db, bus: createLocalBus(), sealer, settings, limits, audit: writeAudit, audited: () => {}, endedAs },
    ports: {
      resolve: async () => (known.host ? [known.host] : []),
      hostsNow: async () => (known.host ? [known.host] : []),
      openShell: async (_host: TerminalHost, wish: Parameters<Awaited<ReturnType<Shells['acquire']>>['shell']>[0]) => {
        const lease = await shells.acquire(wish.signal ?? AbortSignal.timeout(patienceMs));
        return { shell: await lease.shell(wish), release: lease.release };
      },
      workerZones: () => new Set<string>(),
      diskIsLow: () => false,
    },
    actorNow: async () => me,
    authorize: (_actor: unknown, permission: RolePermission) => !denied.has(permission),
    log: { error: () => {} },
    ...clock,
  };
  const terminals = createTerminals(options);

  /** Begins one; it answers when its shell is there and somebody sits in front of it. */
  async function begin() {
    const begunAt = Date.now();
    const opening = { id: uuid(), me, host, size: { cols: 80, rows: 24 } };
    await db.transaction((tx) => terminals.insert(tx, opening));
    terminals.begin(opening);
    const live = terminals.find(opening.id);
    if (!live) throw new Error('the terminal that was just begun is not there');
    return { id: opening.id, begunAt, live, ...(await sitBefore(live)) };
  }

  return {
    ...{ terminals, host, me, denied, known, begin },
    keeping: createKeeping({ db, bus: options.bus, audit: writeAudit, audited: () => {}, settings, ...clock }),
    row: (id: string) => findRecording(db.knex, id),
    /** Its row when it is over. */
    over: (id: string): Promise<RecordingRow> =>
      waitFor(
        'the recording is over',
        async () => {
          const row = await findRecording(db.knex, id);
          return row && row.ended_at !== null ? row : undefined;
        },
        patienceMs,
      ),
    async file(id: string, after = 0): Promise<string> {
      let file = '';
      for await (const { text } of playRecording({ db, sealer, endedAs }, id, after, AbortSignal.timeout(patienceMs)))
        file += text;
      return file;
    },
    auditOf: (id: string): Promise<{ action: string; details: string }[]> =>
      db
        .knex('action_events')
        .where({ object: `terminal:${id}` })
        .select('action', 'details'),
  };
}

/** Attaches, reads along and says what was shown; `stop` is the cut of a connection. */
export async function sitBefore(live: LiveTerminal, after?: number) {
  const writer = uuid();
  const stop = new AbortController();
  const said = { text: '', at: after ?? 0, typed: 0, last: undefined as TerminalOutput | undefined };
  const done = (async () => {
    for await (const event of live.attach(writer, after, stop.signal)) {
      const data = Buffer.from(event.data, 'base64');
      said.text = (said.text + data.toString()).slice(-65_536);
      said.at = event.offset + data.length;
      said.last = event;
      if (data.length > 0 && event.end === null)
        await live.input(writer, said.typed, Buffer.alloc(0), said.at).catch(() => {});
    }
  })().catch(() => {});
  await waitFor('the shell is there', () => said.last && said.last.state !== 'connecting', patienceMs);
  return {
    said,
    done,
    stop: () => stop.abort(),
    /** Says that somebody is there. */
    stay: () => live.input(writer, said.typed, Buffer.alloc(0), said.at, true),
    async type(text: string) {
      const data = Buffer.from(text);
      const offset = said.typed;
      said.typed += data.length;
      await live.input(writer, offset, data, said.at);
    },
    sees: (what: string) => waitFor(`${what} on the terminal`, () => said.text.includes(what), patienceMs),
  };
}
