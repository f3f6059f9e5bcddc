import type { ParamsIn, ResultOf, StreamName } from '@omanager/contract';

/**
 * How each stream goes on after a cut or a pause without gap or repeat: the params that ask for all that comes after
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
  // Whoever comes back is told anew.
  'access.watch': (params) => params,
  // It begins anew.
  'ledger.verify': (params) => params,
  'audit.follow': (params, event) => {
    const after = event.events.at(-1)?.id ?? params.after;
    return after === undefined ? params : { ...params, after };
  },
};
