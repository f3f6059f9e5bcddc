import type { Client } from '@omanager/client';
import type { QueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useResting } from '../live/visible.ts';

/** After a cut, a new sign-in or a time when nobody looked, what was answered before is old: what is on the screen is asked for again. */
export function useFreshAnswers(answers: QueryClient, client: Client | null): void {
  const resting = useResting();
  const rested = useRef(false);
  useEffect(() => {
    if (rested.current && !resting) answers.invalidateQueries().catch(() => {});
    rested.current = resting;
  }, [answers, resting]);
  useEffect(() => {
    if (!client) return;
    let away = false;
    return client.onState((state) => {
      const here = state.kind === 'open' && state.session === 'resumed';
      if (here && away) answers.invalidateQueries().catch(() => {});
      away = !here;
    });
  }, [answers, client]);
}
