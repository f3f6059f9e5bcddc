import { OmError } from '@omanager/contract';
import { createWaiter } from '../../bus/bus.ts';
import type { Call, HandlersOf } from '../../rpc/handlers.ts';
import { followRecordings } from './follow.ts';
import type { LiveTerminal } from './liveTerminal.ts';
import { playRecording } from './playback.ts';
import { findRecording, ownGoing, pageOfRecordings, toRecording } from './store.ts';
import type { Opening, Terminals, TerminalsOptions } from './terminals.ts';
import { createViews } from './views.ts';

export type TerminalHandlers = HandlersOf<
  | 'terminals.open'
  | 'terminals.attach'
  | 'terminals.input'
  | 'terminals.resize'
  | 'terminals.close'
  | 'terminals.list'
  | 'terminals.watch'
  | 'terminals.terminate'
  | 'recordings.list'
  | 'recordings.get'
  | 'recordings.follow'
  | 'recordings.play'
>;

/** What open ones have grown by is told so often; also when a wake-up was lost. */
const sweepMs = 1000;

const gone = 'There is no such terminal in this server process, or it ended a while ago.';

export function createHandlers(
  terminals: Terminals,
  options: Pick<TerminalsOptions, 'db' | 'bus' | 'sealer' | 'audit' | 'audited' | 'endedAs'>,
): TerminalHandlers {
  const { db, bus, sealer, endedAs } = options;
  const views = createViews(options);

  function own(call: Call, id: string): LiveTerminal {
    const terminal = terminals.find(id);
    const me = call.signedIn();
    // Of somebody else’s it is not even said that it is there.
    if (!terminal || terminal.owner.userId !== me.userId) throw new OmError('NOT_FOUND', gone);
    call.authorize('terminal.open', { host: terminal.host.id });
    return terminal;
  }

  function anyones(id: string): LiveTerminal {
    const terminal = terminals.find(id);
    if (!terminal) throw new OmError('NOT_FOUND', gone);
    return terminal;
  }

  async function recording(call: Call, id: string) {
    const row = await findRecording(db.knex, id);
    if (!row) throw new OmError('NOT_FOUND', 'There is no such recording, or it was removed.');
    call.authorize('recording.read', { host: row.host_id });
    return row;
  }

  return {
    'terminals.open': async (call, { id, host: name, cols, rows }) => {
      const me = call.signedIn();
      const host = await terminals.prepare(me, name, call.authorize);
      const opening: Opening = { id, me, host, size: { cols, rows } };
      let isNew = false;
      const answer = await call.commit(async (tx, note) => {
        note.object = `terminal:${id}`;
        const { address, user: login, credential, route } = host;
        note.details = {
          ...{ address, login, credential: credential && `${credential.name}@${credential.version}` },
          ...(route.length > 0 ? { route: route.map((hop) => hop.name) } : {}),
        };
        if (await findRecording(tx, id)) throw new OmError('CONFLICT', 'There is a terminal with this id.');
        await terminals.insert(tx, opening);
        const row = await findRecording(tx, id);
        if (!row) throw new Error('the row of a terminal that was just written is not there');
        isNew = true;
        return toRecording(row);
      });
      if (isNew) terminals.begin(opening);
      return answer;
    },

    'terminals.attach': async function* (call, { id, writer, after }) {
      yield* own(call, id).attach(writer, after, call.signal);
    },
    'terminals.input': async (call, { id, writer, offset, data, shown, stay }) => {
      await own(call, id).input(writer, offset, Buffer.from(data, 'base64'), shown, stay);
      return { ok: true };
    },
    'terminals.resize': async (call, { id, writer, cols, rows }) => {
      own(call, id).resize(writer, { cols, rows });
      return { ok: true };
    },
    'terminals.close': async (call, { id }) => {
      const terminal = own(call, id);
      const answer = await call.commit(async (_tx, note) => {
        note.object = `terminal:${id}`;
        return { ok: true as const };
      });
      await terminal.end('closed');
      return answer;
    },
    'terminals.list': async (call) => ({
      items: (await ownGoing(db.knex, call.signedIn().userId)).map(toRecording),
    }),

    'terminals.watch': async function* (call, { id, after }) {
      const terminal = anyones(id);
      call.authorize('recording.read', { host: terminal.host.id });
      await views.note(call.signedIn(), 'terminals.watch', `terminal:${id}`);
      yield* terminal.watch(after, call.signal);
    },
    'terminals.terminate': async (call, { id, confirm, reason }) => {
      const terminal = anyones(id);
      call.authorize('terminal.control', { host: terminal.host.id });
      const answer = await call.commit(async (tx, note) => {
        const row = await findRecording(tx, id);
        if (confirm !== row?.host_name)
          throw new OmError('CONFIRM_REQUIRED', 'Confirm it by typing the name of its server.', {
            phrase: row?.host_name,
          });
        note.object = `terminal:${id}`;
        note.details = { user: row.user_name };
        return { ok: true as const };
      });
      await terminal.end('terminated', `${call.signedIn().userName}: ${reason}`);
      return answer;
    },

    'recordings.list': async (call, params) => {
      call.authorize('recording.read');
      const { cursor: _, limit: __, ...asked } = params;
      await views.note(call.signedIn(), 'recordings.list', undefined, asked);
      const { rows, next } = await pageOfRecordings(db.knex, params);
      return { items: rows.map(toRecording), ...(next === undefined ? {} : { next }) };
    },
    'recordings.follow': async function* (call, { after, ...filter }) {
      call.authorize('recording.read');
      await views.note(call.signedIn(), 'recordings.follow', undefined, filter);
      using news = createWaiter(bus, 'terminals', call.signal, sweepMs);
      const afterMs = after === undefined ? undefined : Date.parse(after);
      const { signal } = call;
      yield* followRecordings({ knex: db.knex, filter, afterMs, now: Date.now, wait: () => news.wait(), signal });
    },
    'recordings.get': async (call, { id }) => toRecording(await recording(call, id)),
    'recordings.play': async function* (call, { id, after = 0 }) {
      await recording(call, id);
      await views.note(call.signedIn(), 'recordings.play', `terminal:${id}`);
      yield* playRecording({ db, sealer, endedAs }, id, after, call.signal);
    },
  };
}
