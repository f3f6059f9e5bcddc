import type { MethodName } from '@omanager/contract';
import type { Knex } from 'knex';
import type { HandlersOf } from '../../rpc/handlers.ts';
import { prepareSecret } from './prepare.ts';
import type { VaultService } from './service.ts';

export type VaultHandlers = HandlersOf<Extract<MethodName, `credentials.${string}`>>;

interface Options {
  knex: Knex;
  service: VaultService;
  /** After the commit of a change to this credential. */
  changed: (credentialId: string) => void;
}

export function createHandlers({ knex, service, changed }: Options): VaultHandlers {
  return {
    'credentials.list': (_call, page) => service.list(knex, page),
    'credentials.get': (_call, { name }) => service.get(knex, name),
    async 'credentials.add'(call, { name, secret }) {
      const prepared = await prepareSecret(secret, call.signal);
      return call.commit((tx, note) => {
        note.object = `credential:${name}`;
        return service.add(tx, name, prepared);
      });
    },
    async 'credentials.replace'(call, { name, secret }) {
      const prepared = await prepareSecret(secret, call.signal);
      const done = await call.commit((tx, note) => {
        note.object = `credential:${name}`;
        return service.replace(tx, name, prepared);
      });
      changed(done.value.id);
      return done;
    },
    async 'credentials.remove'(call, { name }) {
      let removed: string | undefined;
      const done = await call.commit(async (tx, note) => {
        note.object = `credential:${name}`;
        removed = await service.remove(tx, name);
        return { ok: true } as const;
      });
      if (removed !== undefined) changed(removed);
      return done;
    },
  };
}
