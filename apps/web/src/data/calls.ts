import { resumeParams } from '@omanager/client';
import {
  type ChangeName,
  OmError,
  type ParamsIn,
  type QueryName,
  type ResultOf,
  type StreamName,
} from '@omanager/contract';
import {
  keepPreviousData,
  QueryClient,
  type UseQueryResult,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { useResting } from '../live/visible.ts';
import { useSession } from './session.tsx';

/** Answers are kept until they are told to be old (`useRefresh`) or nobody has looked at them for 5 minutes: nothing polls. */
export function createAnswers(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        retry: false,
        staleTime: 30_000,
        refetchOnWindowFocus: false,
        gcTime: 5 * 60_000,
        networkMode: 'always',
      },
      mutations: { retry: false, networkMode: 'always' },
    },
  });
}

/** The answer to a query; asked again when its params change, and shown until the new answer is there. */
export function useAnswer<N extends QueryName>(
  name: N,
  params: ParamsIn<N>,
  { enabled = true }: { enabled?: boolean } = {},
): UseQueryResult<ResultOf<N>, OmError> {
  const { client } = useSession();
  return useQuery<ResultOf<N>, OmError>({
    queryKey: [name, params],
    queryFn: ({ signal }) => client.call(name, params, { signal }),
    enabled,
    placeholderData: keepPreviousData,
  });
}

/** A changing call. Its idempotency key is the client's: a cut connection repeats it and it is done once. */
export function useChange<N extends ChangeName>(name: N, { refresh = [] }: { refresh?: readonly QueryName[] } = {}) {
  const { client } = useSession();
  const renew = useRefresh();
  return useMutation<ResultOf<N>, OmError, ParamsIn<N>>({
    mutationFn: (params) => client.call(name, params),
    onSuccess: () => renew(...refresh),
  });
}

/** Says that the answers to these queries are old; those on the screen are asked for again. */
export function useRefresh(): (...names: readonly QueryName[]) => Promise<void> {
  const answers = useQueryClient();
  return async (...names) => {
    await Promise.all(names.map((name) => answers.invalidateQueries({ queryKey: [name] })));
  };
}

export type StreamState = { kind: 'live' } | { kind: 'over' } | { kind: 'failed'; error: OmError };

/** What nobody needs while nobody looks: it rests then and goes on where it was. Answers are asked for anew (useFreshAnswers). */
const restful: ReadonlySet<StreamName> = new Set([
  'runs.watchList',
  'audit.follow',
  'commands.follow',
  'alerts.follow',
  'alerts.open',
  'recordings.follow',
]);

/** Follows a stream while the component is there and its params are the same; `null` follows nothing. */
export function useStream<N extends StreamName>(
  name: N,
  params: ParamsIn<N> | null,
  onEvent: (event: ResultOf<N>) => void,
): StreamState {
  const { client } = useSession();
  const [state, setState] = useState<StreamState>({ kind: 'live' });
  const tell = useEffectEvent(onEvent);
  const rests = useResting() && restful.has(name);
  const reached = useRef<{ key: string; params: ParamsIn<N> } | null>(null);
  const key = JSON.stringify(params);
  // biome-ignore lint/correctness/useExhaustiveDependencies: params are compared by what they say, which is key
  useEffect(() => {
    if (params === null || rests) return;
    if (reached.current?.key !== key) reached.current = { key, params };
    const place = reached.current;
    const stop = new AbortController();
    setState({ kind: 'live' });
    const follow = async () => {
      for await (const event of client.stream(name, place.params, { signal: stop.signal })) {
        place.params = resumeParams[name](place.params, event);
        tell(event);
      }
      setState({ kind: 'over' });
    };
    follow().catch((error: unknown) => {
      if (!stop.signal.aborted) setState({ kind: 'failed', error: asOmError(error) });
    });
    return () => stop.abort();
  }, [client, name, key, rests]);
  return state;
}

/** Whatever was thrown, as an error of the contract. */
export function asOmError(error: unknown): OmError {
  return error instanceof OmError
    ? error
    : new OmError('INTERNAL', error instanceof Error ? error.message : String(error));
}
