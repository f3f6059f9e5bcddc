import { permissionsOf, type Whoami } from '@omanager/contract';
import type { Knex } from 'knex';
import type { SignedIn } from '../../rpc/actor.ts';
import type { Epoch } from './epoch.ts';
import { whoamiOf } from './signIn.ts';
import { findUser } from './stores/users.ts';

interface Options {
  knex: Knex;
  epoch: Pick<Epoch, 'onChange'>;
  me: SignedIn;
  signal: AbortSignal;
}

/** Who somebody is: now, and again whenever that has changed. */
export async function* watchWhoami({ knex, epoch, me, signal }: Options): AsyncGenerator<Whoami, void, undefined> {
  let moved = Promise.withResolvers<void>();
  const wake = () => moved.resolve();
  const undo = epoch.onChange(wake);
  signal.addEventListener('abort', wake);
  try {
    for (let told = ''; !signal.aborted; await moved.promise) {
      moved = Promise.withResolvers();
      const user = await findUser(knex, { id: me.userId });
      if (!user || user.disabled_at !== null) return;
      const { role } = user;
      const who = whoamiOf({ ...me, role, permissions: permissionsOf[role] }, user.totp_sealed !== null);
      const text = JSON.stringify(who);
      if (text !== told) yield who;
      told = text;
    }
  } finally {
    undo();
    signal.removeEventListener('abort', wake);
  }
}
