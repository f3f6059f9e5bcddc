import type { ModuleCheck, OmError } from '@omanager/contract';
import { useEffect, useState } from 'react';
import { asOmError } from '../../data/calls.ts';
import { useSession } from '../../data/session.tsx';
import { fieldsOf, splitValues, type Values } from '../../forms/params.ts';

export interface Check {
  /** Of the newest text that was looked at; null before the first answer. */
  result: ModuleCheck | null;
  /** The newest that could be read as a module: what is shown of it while the text has a mistake. */
  sound: ModuleCheck | null;
  error: OmError | null;
  /** The answer is that of an earlier text or form. */
  waiting: boolean;
}

const afterTypingMs = 300;

/** What the server says of the text and of the form filled in, a moment after the last change. */
export function useCheck(manifest: string, values: Values): Check {
  const { client } = useSession();
  const [check, setCheck] = useState<Check>({ result: null, sound: null, error: null, waiting: true });
  const { params } = splitValues(fieldsOf(check.sound?.module?.params) ?? [], values);
  const filled = JSON.stringify(params);
  // biome-ignore lint/correctness/useExhaustiveDependencies: params are compared by what they say, which is filled
  useEffect(() => {
    const stop = new AbortController();
    setCheck((before) => ({ ...before, waiting: true }));
    const ask = async () => {
      if (manifest === '') return setCheck({ result: null, sound: null, error: null, waiting: false });
      try {
        const result = await client.call('modules.validate', { manifest, params }, { signal: stop.signal });
        if (stop.signal.aborted) return;
        setCheck(({ sound }) => ({ result, sound: result.module ? result : sound, error: null, waiting: false }));
      } catch (error) {
        if (!stop.signal.aborted) setCheck((before) => ({ ...before, error: asOmError(error), waiting: false }));
      }
    };
    const timer = setTimeout(() => void ask(), afterTypingMs);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [client, manifest, filled]);
  return check;
}
