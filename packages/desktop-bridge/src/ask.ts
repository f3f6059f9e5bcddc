import type { Answer, BridgeEvent, DesktopBridge, RequestResults } from './bridge.ts';
import { fromBridged } from './errors.ts';
import type { RequestName, RequestParams } from './requests.ts';

/** Rejects with the main process's OmError. */
export type DesktopAsk = <N extends RequestName>(name: N, params: RequestParams<N>) => Promise<RequestResults[N]>;

export interface AskDesktop {
  readonly ask: DesktopAsk;
  /** Returns the undo. */
  onEvent(listener: (event: BridgeEvent) => void): () => void;
}

/** The bridge with types: both ends are built from the same sources, and packed together. */
export function createDesktopAsk(bridge: DesktopBridge): AskDesktop {
  return {
    async ask(name, params) {
      // The main process answers every request in this form; the preload only passes it on.
      const answer = (await bridge.request(name, params)) as Answer<typeof name>;
      if (answer.ok) return answer.result;
      throw fromBridged(answer.error);
    },
    // The same for events.
    onEvent: (listener) => bridge.onEvent((event) => listener(event as BridgeEvent)),
  };
}
