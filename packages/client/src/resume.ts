import type { ParamsIn, ResultOf, StreamName } from '@omanager/contract';

/**
 * How each stream goes on after a cut or a pause without a gap, and but for `audit.follow`, `commands.follow`, `alerts.follow` and `recordings.follow` without repeating: the params that ask for all that comes after
 * this event. A stream that is missing here is a type error.
 */
export const resumeParams: {
  [N in StreamName]: (params: ParamsIn<N>, event: ResultOf<N>) => ParamsIn<N>;
} = {
  'runs.watch': (params, event) => ({ ...params, after: event.revision }),
  'runs.tail': (params, event) => ({ ...params, after: event.chunks.at(-1)?.seq ?? params.after }),
  // It begins anew and passes over what was sent: what is stored is searched in the same order.
  'runs.search': (params, event) => ({ ...params, skip: (params.skip ?? 0) + event.hits.length }),
  'runs.follow': (params, event) => ({ ...params, after: event.cursor }),
  // Whoever comes back is told of runs under way, and asks for the list again: what ended meanwhile is not told.
  'runs.watchList': (params, event) => ({
    ...params,
    after: event.runs.reduce((last, { number }) => Math.max(last, number), params.after ?? 0) || params.after,
  }),
  // Whoever comes back is told anew.
  'access.watch': (params) => params,
  'terminals.attach': (params, event) => ({ ...params, after: endOf(event) }),
  'terminals.watch': (params, event) => ({ ...params, after: endOf(event) }),
  'files.read': (params, event) => ({
    ...params,
    after: endOf(event),
    like: { size: event.size, modifiedAt: event.modifiedAt },
  }),
  'recordings.play': (params, event) => ({ ...params, after: event.chunk }),
  'recordings.follow': (params, { at }) => ({ ...params, after: at }),
  // Whoever comes back is told anew.
  'alerts.open': (params) => params,
  'alerts.follow': (params, { at }) => ({ ...params, after: at }),
  'commands.follow': (params, event) => {
    const after = event.events.at(-1)?.id ?? params.after;
    return after === undefined ? params : { ...params, after };
  },
  'commands.export': (params, { next, events }) =>
    next === undefined
      ? params
      : {
          ...params,
          after: next,
          ...(params.limit !== undefined && { limit: Math.max(0, params.limit - events.length) }),
        },
  // It begins anew.
  'ledger.verify': (params) => params,
  // It begins anew and passes over what was sent.
  'audit.export': (params, event) => ({ ...params, skip: (params.skip ?? 0) + event.events.length }),
  'audit.follow': (params, event) => {
    const after = event.events.at(-1)?.id ?? params.after;
    return after === undefined ? params : { ...params, after };
  },
};

/** Four characters of base64 are three bytes; `=` stands for one that is missing. */
const endOf = ({ offset, data }: { offset: number; data: string }): number =>
  offset + (data.length / 4) * 3 - (data.match(/=/g)?.length ?? 0);
