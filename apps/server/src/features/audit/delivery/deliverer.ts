import type { Database } from '../../../db/database.ts';
import { createLease } from '../../../db/leases.ts';
import { iso } from '../../../db/page.ts';
import { startRounds } from '../../../rounds.ts';
import { type AlertRow, toAlerts } from '../rules/alertStore.ts';
import { type Message, outgoing, refusalOf } from './formats.ts';
import { sendMail } from './mail.ts';
import { dueOf, settle, trim } from './outbox.ts';
import { AddressRefused, type PostOptions, post } from './post.ts';
import { emailOf, type TargetRow, type TargetStore } from './targetStore.ts';

interface Options extends PostOptions {
  db: Database;
  targets: TargetStore;
  log: { error(details: object, message: string): void };
  now?: () => number;
  everyMs?: number;
}

const leaseMs = 60_000;
const atOnce = 20;
const backOff = { firstMs: 5000, mostMs: 3_600_000, attempts: 16 } as const;

/** Sends what waits: each target by itself, so that none waits for another; again and later when it fails. */
export function createDeliverer({ db, targets, log, now = Date.now, everyMs = 1000, ...options }: Options) {
  const lease = createLease(db, 'alert delivery', leaseMs);
  const closing = new AbortController();
  const busy = new Map<string, Promise<void>>();
  let rounds: ReturnType<typeof startRounds> | undefined;
  let failing = false;

  /** Null: it was taken. */
  async function send(target: TargetRow, message: Message): Promise<{ error: string | null; final: boolean }> {
    try {
      const { url, secret } = targets.open(target);
      const { kind } = target;
      const shown = target.with_command ? message : { ...message, command: null };
      if (kind === 'email') {
        const mail = { url, secret, email: emailOf(target), message: shown };
        return await sendMail(mail, options, closing.signal);
      }
      const answer = await post(outgoing(kind, { url, secret }, shown, now()), options, closing.signal);
      return { error: refusalOf(kind, answer.status, answer.body), final: false };
    } catch (error) {
      if (error instanceof AddressRefused) return { error: error.message, final: true };
      return { error: causeOf(error), final: false };
    }
  }

  async function deliver(target: TargetRow): Promise<void> {
    await db.transaction((tx) => trim(tx, target.id));
    for (const due of await dueOf(db.knex, target.id, now(), atOnce)) {
      const rows: AlertRow[] = await db.knex('alerts').where({ id: due.alert_id });
      const [alert] = await toAlerts(db.knex, rows);
      const { error, final } = alert ? await send(target, { ...alert, test: false }) : { error: null, final: true };
      if (closing.signal.aborted) return;
      const again = error !== null && !final && due.attempts + 1 < backOff.attempts;
      const waitMs = Math.min(backOff.mostMs, backOff.firstMs * 2 ** due.attempts);
      const retryAt = again ? now() + waitMs : null;
      await db.transaction((tx) => settle(tx, due, { at: now(), error, retryAt }));
      // The others have their time as well; what is behind one that failed would most likely fail, too.
      if (error !== null) return;
    }
  }

  async function round(): Promise<void> {
    if (!(await lease.hold())) return;
    const rows: TargetRow[] = await db.knex('alert_targets').where({ enabled: true });
    for (const target of rows) {
      if (busy.has(target.id)) continue;
      const work = deliver(target)
        .catch((error) =>
          log.error({ err: String(error).slice(0, 500), target: target.name }, 'delivering alerts failed'),
        )
        .finally(() => busy.delete(target.id));
      busy.set(target.id, work);
    }
  }

  return {
    /** One round, to its end. */
    async drain() {
      await round();
      await Promise.all(busy.values());
    },
    async test(target: TargetRow): Promise<string | null> {
      const about = { id: '', ruleName: 'test', severity: 'info', hostName: '', user: '', command: null } as const;
      return (await send(target, { ...about, raisedAt: iso(now()), test: true })).error;
    },
    start() {
      rounds = startRounds(everyMs, async () => {
        try {
          await round();
          failing = false;
        } catch (error) {
          if (!failing) log.error({ err: String(error).slice(0, 500) }, 'delivering alerts failed; it is tried again');
          failing = true;
        }
      });
    },
    async stop() {
      closing.abort();
      await rounds?.stop();
      await Promise.all(busy.values());
      await lease.release().catch(() => {});
    },
  };
}

export type Deliverer = ReturnType<typeof createDeliverer>;

/** The code of the system's error: addresses and answers are not repeated. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'failed';
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return 'no answer in time';
  return 'code' in error && typeof error.code === 'string' ? error.code : 'failed';
}
