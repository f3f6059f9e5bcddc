import type { LedgerVerdict, OmError, ParamsIn } from '@omanager/contract';
import { useState } from 'react';
import { asOmError, useRefresh } from '../../../data/calls.ts';
import { useSession } from '../../../data/session.tsx';

type Asked = ParamsIn<'ledger.verify'>;

export type Verification =
  | { kind: 'idle' }
  | { kind: 'running'; blocks: number; of: number; stop: () => void }
  | { kind: 'done'; verdict: LedgerVerdict }
  | { kind: 'failed'; error: OmError };

/** Has the server go through the ledger, and hears how far it is. */
export function useVerification(): { verification: Verification; verify: (asked: Asked) => void } {
  const { client } = useSession();
  const refresh = useRefresh();
  const [verification, setVerification] = useState<Verification>({ kind: 'idle' });

  async function follow(asked: Asked): Promise<void> {
    const stopping = new AbortController();
    const stop = () => stopping.abort();
    setVerification({ kind: 'running', blocks: 0, of: 0, stop });
    try {
      for await (const { blocks, of, verdict } of client.stream('ledger.verify', asked, { signal: stopping.signal })) {
        if (verdict) void refresh('ledger.state');
        setVerification(verdict ? { kind: 'done', verdict } : { kind: 'running', blocks, of, stop });
      }
    } catch (error) {
      setVerification(stopping.signal.aborted ? { kind: 'idle' } : { kind: 'failed', error: asOmError(error) });
    }
  }

  return { verification, verify: (asked) => void follow(asked) };
}
