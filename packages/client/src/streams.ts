import {
  fromRpcError,
  type OmError,
  type ParamsIn,
  type ResultOf,
  type RpcNotification,
  type StreamName,
} from '@omanager/contract';
import type { Calls } from './calls.ts';
import { createSubscription, type LiveStream, type Subscription } from './subscription.ts';

export interface Streams {
  /** Starts with the first `next()`; ends with the server's end, the signal, or when the reader leaves its loop. */
  open<N extends StreamName>(
    name: N,
    params: ParamsIn<N>,
    signal?: AbortSignal,
  ): AsyncGenerator<ResultOf<N>, void, undefined>;
  /** The connection carries calls again: every stream that runs is asked for again. */
  attach(): void;
  detach(): void;
  /** `size` is that of the message in bytes, for the bound on unread events. */
  notify(notification: RpcNotification, size: number): void;
  /** Ends them all, now and whatever is opened later. */
  close(error: OmError): void;
}

export function createStreams({ calls, nextId }: { calls: Calls; nextId: () => number }): Streams {
  const subscriptions = new Set<Pick<Subscription<unknown>, 'start' | 'detach' | 'finish'>>();
  const live = new Map<string, LiveStream>();
  let connected = false;
  let closed: OmError | null = null;

  return {
    async *open(name, params, signal) {
      let wake = (): void => {};
      const onWake = (): void => wake();
      if (closed) throw closed;
      const subscription = createSubscription({
        name,
        params,
        calls,
        nextId,
        live,
        connected: () => connected,
        wake: onWake,
      });
      subscriptions.add(subscription);
      signal?.addEventListener('abort', onWake);
      try {
        if (connected) subscription.start();
        while (true) {
          signal?.throwIfAborted();
          // Made before looking, so that what arrives in between is not slept through.
          const woken = new Promise<void>((resolve) => {
            wake = resolve;
          });
          const event = subscription.take();
          if (event !== undefined) yield event;
          else if (!subscription.ended) await woken;
          else if (subscription.failure) throw subscription.failure;
          else return;
        }
      } finally {
        signal?.removeEventListener('abort', onWake);
        subscriptions.delete(subscription);
        subscription.stop();
        subscription.finish(null);
      }
    },
    attach() {
      connected = true;
      for (const subscription of [...subscriptions]) subscription.start();
    },
    detach() {
      connected = false;
      for (const subscription of subscriptions) subscription.detach();
      live.clear();
    },
    notify(notification, size) {
      const stream = live.get(notification.params.stream);
      if (notification.method === 'stream.event') stream?.event(notification.params.event, size);
      else stream?.end(notification.params.error ? fromRpcError(notification.params.error) : null);
    },
    close(error) {
      connected = false;
      closed = error;
      for (const subscription of subscriptions) subscription.finish(error);
    },
  };
}
