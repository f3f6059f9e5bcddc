import type { Bus } from '../../../bus/bus.ts';
import type { Database } from '../../../db/database.ts';
import type { Call, HandlersOf } from '../../../rpc/handlers.ts';
import type { WriteAudit } from '../writer.ts';
import type { Deliverer } from './deliverer.ts';
import { type TargetStore, toTarget } from './targetStore.ts';

export type AlertTargetHandlers = HandlersOf<
  'alertTargets.list' | 'alertTargets.add' | 'alertTargets.update' | 'alertTargets.remove' | 'alertTargets.test'
>;

interface Options {
  db: Database;
  bus: Bus;
  audit: WriteAudit;
  targets: TargetStore;
  deliverer: Deliverer;
}

export function createAlertTargetHandlers({ db, bus, audit, targets, deliverer }: Options): AlertTargetHandlers {
  const by = (call: Call) => ({ by: call.signedIn().userName, at: Date.now() });
  return {
    'alertTargets.list': async () => ({ items: await targets.list(db.knex) }),

    'alertTargets.add': (call, { target }) =>
      call.commit(async (tx, note) => {
        const after = await targets.add(tx, target, by(call));
        note.object = `target:${target.name}`;
        note.details = { after };
        return after;
      }),

    'alertTargets.update': (call, { id, target }) =>
      call.commit(async (tx, note) => {
        const before = await targets.find(tx, id);
        note.object = `target:${before.name}`;
        const after = await targets.update(tx, before, target, by(call));
        note.details = { before: toTarget(before, 0), after };
        return after;
      }),

    'alertTargets.remove': (call, { id }) =>
      call.commit(async (tx, note) => {
        const before = await targets.find(tx, id);
        note.object = `target:${before.name}`;
        note.details = { before: toTarget(before, 0) };
        await targets.remove(tx, id);
        return { ok: true as const };
      }),

    async 'alertTargets.test'({ actor }, { id }) {
      const target = await targets.find(db.knex, id);
      const error = await deliverer.test(target);
      const outcome = error === null ? 'done' : 'failed';
      await db.transaction((tx) =>
        audit(tx, { actor, action: 'alertTargets.test', object: `target:${target.name}`, outcome, details: { error } }),
      );
      bus.publish('audit');
      return { error };
    },
  };
}
