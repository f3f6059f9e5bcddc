import { failureOf, NotTaken } from './checkpointFailure.ts';
import type { SendCheckpoint } from './checkpointForwarder.ts';

/** POSTs `{ "checkpoint": line }`. Follows no redirect; the URL, which may hold a token, is in no error. */
export function webhookSender(url: URL, deadlineMs = 10_000): SendCheckpoint {
  return async (checkpoint, signal) => {
    const status = await post(url, checkpoint, AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]));
    if (status < 200 || status > 299) throw new NotTaken('answer', `HTTP ${status}`);
  };
}

async function post(url: URL, checkpoint: string, signal: AbortSignal): Promise<number> {
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ checkpoint }),
      redirect: 'manual',
      signal,
    });
    await answer.body?.cancel();
    return answer.status;
  } catch (error) {
    if (signal.aborted) throw new NotTaken('timeout', 'no answer in time');
    const { what, detail } = failureOf(error);
    throw new NotTaken(what, detail);
  }
}
