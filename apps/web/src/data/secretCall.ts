import type { ChangeName, OmError, ParamsIn, QueryName, ResultOf } from '@omanager/contract';
import { useState } from 'react';
import { asOmError, useRefresh } from './calls.ts';
import { useSession } from './session.tsx';

/**
 * A changing call that carries or brings a secret. Unlike `useChange` it keeps neither params nor result: they are
 * only the caller's, who forgets them.
 */
export function useSecretCall<N extends ChangeName>(
  name: N,
  { refresh = [] }: { refresh?: readonly QueryName[] } = {},
) {
  const { client } = useSession();
  const renew = useRefresh();
  const [state, setState] = useState<{ busy: boolean; error: OmError | null }>({ busy: false, error: null });
  /** The result, or null when it failed: then `error` says why. */
  async function call(params: ParamsIn<N>): Promise<ResultOf<N> | null> {
    setState({ busy: true, error: null });
    try {
      const result = await client.call(name, params);
      setState({ busy: false, error: null });
      void renew(...refresh);
      return result;
    } catch (error) {
      setState({ busy: false, error: asOmError(error) });
      return null;
    }
  }
  return { ...state, call };
}
