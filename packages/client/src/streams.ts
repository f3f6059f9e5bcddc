import {
  fromRpcError,
  type OmError,
  type ParamsIn,
  type ResultOf,
  type RpcNotification,
  type StreamName,
} from '@omanager/contract';
import type { Calls } from './calls.ts';
import { createEarly } from './early.ts';
import { createSubscription, type LiveStream, type Subscription } from './subscription.ts';

const maxStopped = 64;

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
  const subscriptions = new Set<Pick<Subscription<unknown>, 'start' | 'detach' | 'missed' | 'finish' | 'starting'>>();
  const live = new Map<string, LiveStream>();
  const early = createEarly();
  /** Names of streams that were stopped lately: what is still under way for them is for nobody. */
  const stopped = new Set<string>();
  let connected = false;
  let closed: OmError | null = null;

  const anyStarting = (): boolean => [...subscriptions].some(({ starting }) => starting);

  function onNamed(streamId: string, stream: LiveStream): void {
    live.set(streamId, stream);
    const kept = early.take(streamId);
    if (!anyStarting()) early.clear();
    for (const { notification, size } of kept) deliver(notification, size);
  }

  function deliver(notification: RpcNotification, size: number): void {
    const stream = live.get(notification.params.stream);
    if (!stream) keepEarly(notification, size);
    else if (notification.method === 'stream.event') stream.event(notification.params.event, size);
    else stream.end(notification.params.error ? fromRpcError(notification.params.error) : null);
  }

  function onForgotten(streamId: string): void {
    live.delete(streamId);
    stopped.add(streamId);
    const [oldest] = stopped;
    if (stopped.size > maxStopped && oldest !== undefined) stopped.delete(oldest);
  }

  function keepEarly(notification: RpcNotification, size: number): void {
    if (!anyStarting() || stopped.has(notification.params.stream) || early.keep(notification, size)) return;
    for (const subscription of subscriptions) subscription.missed();
  }

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
        onNamed,
        onForgotten,
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
      early.clear();
      stopped.clear();
    },
    notify: deliver,
    close(error) {
      connected = false;
      closed = error;
      for (const subscription of subscriptions) subscription.finish(error);
    },
  };
}
