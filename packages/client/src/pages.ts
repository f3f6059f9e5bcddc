import type { MethodName, ParamsIn, QueryName, ResultOf } from '@omanager/contract';
import type { CallOptions, Client } from './client.ts';

/** Methods that answer in pages. */
export type PagedName = {
  [N in QueryName]: 'next' extends keyof ResultOf<N> ? ('cursor' extends keyof ParamsIn<N> ? N : never) : never;
}[QueryName];

type ItemOf<N extends MethodName> = ResultOf<N> extends { items: (infer Item)[] } ? Item : never;

/** Every item of a paged method, page by page, as they are read. */
export async function* pages<N extends PagedName>(
  client: Pick<Client, 'call'>,
  name: N,
  params: ParamsIn<N>,
  options: Pick<CallOptions, 'signal'> = {},
): AsyncGenerator<ItemOf<N>, void, undefined> {
  let cursor: string | undefined;
  do {
    const page = await client.call(name, cursor === undefined ? params : { ...params, cursor }, options);
    yield* page.items as ItemOf<N>[];
    cursor = page.next;
  } while (cursor !== undefined);
}
