import {
  contract,
  OmError,
  type ParamsIn,
  type ResultOf,
  type StreamName,
  streamStartSchema,
} from '@omanager/contract';
import type { Calls } from './calls.ts';
import { resumeParams } from './resume.ts';

/** A reader that leaves more than this unread pauses its stream: it is stopped, and asked for again when all is read. */
const maxQueuedEvents = 64;
const maxQueuedBytes = 4 * 1024 * 1024;
/** How soon to ask again when the server said BUSY. */
const busyRetryMs = 1000;

export interface SubscriptionOptions<N extends StreamName> {
  name: N;
  params: ParamsIn<N>;
  calls: Calls;
  nextId: () => number;
  /** The server has named the stream: from now on what comes under this id is this subscription's. */
  onNamed: (streamId: string, stream: LiveStream) => void;
  onForgotten: (streamId: string) => void;
  connected: () => boolean;
  /** Something changed: an event to read, or the end. */
  wake: () => void;
}

/** What arrives for a stream. */
export interface LiveStream {
  event(event: unknown, size: number): void;
  end(error: OmError | null): void;
}

export interface Subscription<Event> extends LiveStream {
  /** Asks the server for it, unless it runs already or its reader is behind. */
  start(): void;
  detach(): void;
  /** Events were dropped before the server's answer named the stream: it is asked for again from there on. */
  missed(): void;
  /** The end, whatever the server says. */
  finish(error: OmError | null): void;
  /** The next unread event; when there is none, a paused stream goes on. */
  take(): Event | undefined;
  stop(): void;
  readonly starting: boolean;
  readonly ended: boolean;
  readonly failure: OmError | null;
}

/** One stream and what it needs to go on after a cut without gap or repeat. */
export function createSubscription<N extends StreamName>(options: SubscriptionOptions<N>): Subscription<ResultOf<N>> {
  const { name, calls, nextId, onNamed, onForgotten, connected, wake } = options;
  let params = options.params;
  // `idle` waits for a connection, `paused` for its reader.
  let phase: 'idle' | 'starting' | 'live' | 'paused' | 'ended' = 'idle';
  let streamId: string | null = null;
  let missedSome = false;
  let failure: OmError | null = null;
  const queue: { event: ResultOf<N>; size: number }[] = [];
  let queuedBytes = 0;

  function forget(): void {
    if (streamId !== null) onForgotten(streamId);
    streamId = null;
  }

  function stopRemote(stream: string): void {
    onForgotten(stream);
    const ignore = (): void => {};
    calls.add({
      id: nextId(),
      method: 'stream.stop',
      params: { stream },
      own: true,
      onResult: ignore,
      onError: ignore,
    });
  }

  function onStarted(result: unknown): void {
    const started = streamStartSchema.safeParse(result);
    if (!started.success) self.finish(unreadable(name));
    else if (phase !== 'starting') stopRemote(started.data.stream);
    else {
      streamId = started.data.stream;
      phase = 'live';
      onNamed(streamId, self);
      if (missedSome) restart();
    }
  }

  function restart(): void {
    if (phase !== 'live') return;
    self.stop();
    phase = 'idle';
    self.start();
  }

  const self: Subscription<ResultOf<N>> = {
    start() {
      if (phase !== 'idle') return;
      phase = 'starting';
      missedSome = false;
      const onError = (error: OmError): void => {
        if (phase !== 'starting') return;
        if (error.code === 'DISCONNECTED') phase = 'idle';
        else self.end(error);
      };
      calls.add({ id: nextId(), method: name, params, own: true, onResult: onStarted, onError });
    },
    missed() {
      missedSome ||= phase === 'starting';
    },
    detach() {
      forget();
      if (phase === 'starting' || phase === 'live') phase = 'idle';
    },
    event(raw, size) {
      const parsed = contract[name].result.safeParse(raw);
      if (!parsed.success) {
        self.stop();
        return self.finish(unreadable(name));
      }
      // The schema of this very method has just checked it; TypeScript loses that for a generic name.
      const event = parsed.data as ResultOf<N>;
      params = resumeParams[name](params, event);
      queue.push({ event, size });
      queuedBytes += size;
      if (queue.length >= maxQueuedEvents || queuedBytes >= maxQueuedBytes) {
        self.stop();
        phase = 'paused';
      }
      wake();
    },
    end(error) {
      if (error?.code !== 'BUSY') return self.finish(error);
      forget();
      if (phase === 'starting' || phase === 'live') phase = 'idle';
      setTimeout(() => {
        if (connected()) self.start();
      }, busyRetryMs);
    },
    finish(error) {
      forget();
      if (phase === 'ended') return;
      phase = 'ended';
      failure = error;
      wake();
    },
    take() {
      const item = queue.shift();
      queuedBytes -= item?.size ?? 0;
      if (item === undefined && phase === 'paused') {
        phase = 'idle';
        if (connected()) self.start();
      }
      return item?.event;
    },
    stop() {
      if (streamId !== null) stopRemote(streamId);
      forget();
    },
    get starting() {
      return phase === 'starting';
    },
    get ended() {
      return phase === 'ended';
    },
    get failure() {
      return failure;
    },
  };
  return self;
}

const unreadable = (name: string): OmError =>
  new OmError('INTERNAL', `The server answered ${name} in a way this client cannot read; their versions may differ.`);
