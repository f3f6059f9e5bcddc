import type { Client } from '@omanager/client';
import type { QueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';

/** After a cut or a new sign-in, what was answered before is old: what is on the screen is asked for again. */
export function useFreshAnswers(answers: QueryClient, client: Client | null): void {
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
