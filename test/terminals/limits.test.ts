import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../apps/server/src/db/database.ts';
import { has } from '../lab/have.ts';
import { waitFor } from '../lab/wait.ts';
import { databases } from '../store/databases.ts';
import { createInside, sitBefore, startShells } from './insideRig.ts';

const patienceMs = 60_000;
type Inside = ReturnType<typeof createInside>;

describe.skipIf(!has('sshd', 'useradd', 'bash'))('the ends of a terminal, and what is kept of it', () => {
  let shells: Awaited<ReturnType<typeof startShells>>;
  beforeAll(async () => {
    shells = await startShells();
  });
  afterAll(() => shells?.stop());

  describe.each(databases)('on $name', ({ missing, open }) => {
    describe.skipIf(missing)('', () => {
      let db: Database;
      let made: Inside[] = [];

      beforeAll(async () => {
        const database = await open();
        db = database.db;
        return () => database.close();
      });
      beforeEach(async () => {
        await db.knex('recording_chunks').delete();
        await db.knex('recordings').delete();
        return async () => {
          await Promise.all(made.map(({ terminals }) => terminals.close()));
          made = [];
        };
      });

      function inside(options: Partial<Parameters<typeof createInside>[0]>): Inside {
        const one = createInside({ db, shells, ...options });
        made.push(one);
        return one;
      }
      const shellsLeft = () => shells.user.processes().filter(({ command }) => command.includes('bash')).length;

      /** It is over for this reason: in its row, in the file itself, and in the audit with the hash of that file. */
      async function endedFor(rig: Inside, id: string, end: string, message: RegExp | null): Promise<string> {
        const row = await rig.over(id);
        expect([row.ended_for, row.message]).toEqual([end, message && expect.stringMatching(message)]);
        const file = await rig.file(id);
        const [, code, words] = JSON.parse(file.trimEnd().split('\n').at(-1) ?? '');
        expect([code, words]).toEqual(['m', `ended: ${[end, row.message].filter(Boolean).join(', ')}`]);
        const sha256 = createHash('sha256').update(file).digest('hex');
        const told = (await rig.auditOf(id)).find(({ action }) => action === 'terminals.ended');
        expect(JSON.parse(told?.details ?? '{}')).toMatchObject({ end, sha256, user: 'ada', host: 'web-01' });
        await waitFor('its shell is gone', () => shellsLeft() === 0, patienceMs);
        return file;
      }

      it('ends when nothing is typed for long; each key puts that off', async () => {
        const idleMs = 500;
        const rig = inside({ settings: { idleMs } });
        const terminal = await rig.begin();
        let last = 0;
        const tick = setInterval(() => {
          const at = Date.now();
          if (at - terminal.begunAt > idleMs * 2) return clearInterval(tick);
          terminal.type('x').then(
            () => {
              last = at;
            },
            () => clearInterval(tick),
          );
        }, 20);
        await endedFor(rig, terminal.id, 'idle', null);
        clearInterval(tick);
        expect(last).toBeGreaterThan(0);
        // Two clocks are at work: a millisecond or two may be lost between them.
        expect(Number((await rig.over(terminal.id)).ended_at) - last).toBeGreaterThan(idleMs - 5);
        expect(terminal.said.last).toMatchObject({ state: 'ended', end: 'idle' });
      });

      it('warns before that, and goes on when somebody is there, though nothing is typed', async () => {
        const rig = inside({ settings: { idleMs: 120_300 }, limits: { warnMs: 120_000 } });
        const terminal = await rig.begin();
        const { said } = terminal;
        await waitFor('the warning', () => said.last?.idleEndsAt, patienceMs);
        await terminal.stay();
        await waitFor('it is taken back', () => said.last?.idleEndsAt === null, patienceMs);
        await terminal.type('echo there-$((40+2))\r');
        await terminal.sees('there-42');
        const ends = await waitFor('it comes again', () => said.last?.idleEndsAt, patienceMs);
        expect(Date.parse(ends)).toBeGreaterThan(Date.now());
        await terminal.type('x');
        await waitFor('a key takes it back as well', () => said.last?.idleEndsAt === null, patienceMs);
        await terminal.live.end('closed');
      });

      it('waits for who was cut off, in the same shell, from the byte that had arrived; then it ends', async () => {
        const rig = inside({ limits: { leftMs: 400 } });
        const terminal = await rig.begin();
        await terminal.type('mine=same; echo first-$((40+2))\r');
        await terminal.sees('first-42');
        terminal.stop();
        await terminal.done;
        const { at } = terminal.said;
        const again = await sitBefore(terminal.live, at);
        await again.type('echo "and $mine"\r');
        await again.sees('and same');
        // Nothing twice, and nothing missing between.
        expect(again.said.text).not.toContain('first-42');
        const output = outputOf(await waitFor('it is stored', async () => stored(rig, terminal.id, 'and same')));
        expect(again.said.text).toBe(output.subarray(at, again.said.at).toString());
        // Somebody in front of it: the limit does not run.
        await waitFor('longer than the limit', later(1000), patienceMs);
        expect((await rig.row(terminal.id))?.ended_at).toBeNull();
        again.stop();
        await endedFor(rig, terminal.id, 'left', null);
      });

      it('ends when its recording is as large as it may be', async () => {
        const rig = inside({ settings: { capBytes: 200_000 } });
        const terminal = await rig.begin();
        await terminal.type('yes flood | head -c 50000000; echo never-$((40+2))\r');
        const file = await endedFor(rig, terminal.id, 'limit', /largest size/);
        expect(file.length).toBeGreaterThan(200_000);
        expect(file.length).toBeLessThan(600_000);
        expect(file).not.toContain('never-42');
      });

      it('ends when nothing can be recorded; nobody is shown more than was waiting to be stored', async () => {
        const rig = inside({ limits: { storeTries: 3, storePauseMs: 50 } });
        const terminal = await rig.begin();
        await terminal.type('echo kept-$((40+2))\r');
        await terminal.sees('kept-42');
        await waitFor('it is stored', async () => (await stored(rig, terminal.id, 'kept-42')).length > 0, patienceMs);
        await db.knex.schema.renameTable('recording_chunks', 'elsewhere');
        try {
          await terminal.type('yes unrecorded | head -c 50000000; touch ~/went-on\r');
          await waitFor('it ends', () => terminal.said.last?.end ?? undefined, patienceMs);
          expect(terminal.said.last).toMatchObject({
            end: 'limit',
            message: expect.stringMatching(/cannot be recorded/),
          });
          expect(terminal.said.at).toBeLessThan(4_000_000);
          await expect(terminal.type('id\r')).rejects.toMatchObject({ code: 'CONFLICT' });
        } finally {
          await db.knex.schema.renameTable('elsewhere', 'recording_chunks');
        }
        const row = await rig.over(terminal.id);
        const file = await rig.file(terminal.id);
        expect(file).toContain('kept-42');
        expect(createHash('sha256').update(file).digest('hex')).toBe(row.sha256);
        await waitFor('its shell is gone', () => shellsLeft() === 0, patienceMs);
        const told = (await rig.auditOf(terminal.id)).find(({ action }) => action === 'terminals.ended');
        expect(JSON.parse(told?.details ?? '{}')).toMatchObject({ end: 'limit', sha256: row.sha256 });
      });

      it('a looker-on who takes nothing delays nobody and costs no memory', async () => {
        const rig = inside({});
        const terminal = await rig.begin();
        const stop = new AbortController();
        const watching = terminal.live.watch(undefined, stop.signal);
        await watching.next();
        await terminal.type('yes "$(printf %064d 0)" | head -c 6000000; echo done-$((40+2))\r');
        await terminal.sees('done-42');
        const { value } = await watching.next();
        // What lies between is not kept for them: they are told how much it was.
        expect(value?.skipped).toBeGreaterThan(5_000_000);
        stop.abort();
        await terminal.live.end('closed');
      });

      it('counts each Enter, also several that are typed or pasted at once; each has its marker', async () => {
        const rig = inside({});
        const terminal = await rig.begin();
        await terminal.type('echo one\recho two\recho thr');
        await terminal.type('ee-$((40+2))\r');
        await terminal.sees('three-42');
        await terminal.live.end('closed');
        expect((await rig.over(terminal.id)).commands).toBe(3);
        expect((await rig.file(terminal.id)).match(/,"m",""\]\n/g)).toHaveLength(3);
      });

      it('is played from where it was cut', async () => {
        const rig = inside({});
        const terminal = await rig.begin();
        for (let part = 0; part < 3; part++) {
          await terminal.type(`echo part-$((40+${part}))\r`);
          await terminal.sees(`part-${40 + part}`);
          await waitFor('stored', async () => (await stored(rig, terminal.id, `part-${40 + part}`)).length, patienceMs);
        }
        await terminal.live.end('closed');
        const whole = await rig.file(terminal.id);
        const chunks = (await rig.over(terminal.id)).chunks;
        expect(chunks).toBeGreaterThan(3);
        for (let after = 0; after <= chunks; after++) {
          const rest = await rig.file(terminal.id, after);
          expect(whole.endsWith(rest)).toBe(true);
          expect(rest.length < whole.length).toBe(after > 0);
        }
        expect(await rig.file(terminal.id, chunks)).toBe('');
      });

      it('recordings go by age and by size, oldest first, each told to the audit; the rest still play', async () => {
        let at = Date.now();
        const dayMs = 24 * 3_600_000;
        const signal = AbortSignal.timeout(patienceMs);
        const rig = inside({ now: () => at });
        const ids: string[] = [];
        for (let day = 0; day < 4; day++) {
          const terminal = await rig.begin();
          await terminal.type(`head -c 150000 /dev/urandom | base64 -w0; echo; echo end-$((40+2))\r`);
          await terminal.sees('end-42');
          await terminal.live.end('closed');
          ids.push(terminal.id);
          at += dayMs;
        }
        const open = await rig.begin();
        await waitFor('it is stored', async () => Number((await rig.row(open.id))?.chunks), patienceMs);
        const kept = async () => (await db.knex('recordings').orderBy('id').pluck('id')) as string[];
        expect(await kept()).toEqual([...ids, open.id]);
        const [first = '', second = '', third = '', fourth = ''] = ids;

        await inside({ now: () => at, settings: { keepMs: 3.5 * dayMs } }).keeping.sweep(signal);
        expect(await kept()).toEqual([second, third, fourth, open.id]);

        const sizes = await db.knex('recordings').whereIn('id', [third, fourth, open.id]).sum({ n: 'stored_bytes' });
        const keepBytes = Number(sizes[0]?.n) + 1000;
        await inside({ now: () => at, settings: { keepBytes } }).keeping.sweep(signal);
        expect(await kept()).toEqual([third, fourth, open.id]);
        await inside({ now: () => at, settings: { keepBytes } }).keeping.sweep(signal);
        expect(await kept()).toEqual([third, fourth, open.id]);

        // An open one stays, however little is kept.
        for (const settings of [{ keepMs: 1 }, { keepBytes: 1 }])
          await inside({ now: () => at, settings }).keeping.sweep(signal);
        expect(await kept()).toEqual([open.id]);
        expect(await db.knex('recording_chunks').distinct('recording_id').pluck('recording_id')).toEqual([open.id]);
        for (const id of [first, second]) {
          const events = await rig.auditOf(id);
          const hash = JSON.parse(events.find(({ action }) => action === 'terminals.ended')?.details ?? '{}').sha256;
          const gone = events.find(({ action }) => action === 'recordings.retention');
          expect(JSON.parse(gone?.details ?? '{}')).toEqual({ host: 'web-01', user: 'ada', sha256: hash });
        }
        await open.type('echo still-$((40+2))\r');
        await open.sees('still-42');
      });
    });
  });
});

/** The file as far as it is stored, when these words are in it; else nothing. */
async function stored(rig: Inside, id: string, words: string): Promise<string> {
  const file = await rig.file(id);
  return file.includes(words) ? file : '';
}

/** All that was shown, in a file without bytes that are no text. */
function outputOf(file: string): Buffer {
  const lines = file.split('\n').filter((line) => line.startsWith('['));
  return Buffer.from(lines.map((line) => (JSON.parse(line)[1] === 'o' ? JSON.parse(line)[2] : '')).join(''));
}

function later(ms: number): () => boolean {
  const until = performance.now() + ms;
  return () => performance.now() >= until;
}
