import type { Connection } from './connection.ts';
import type { SshError } from './errors.ts';

/** A place on a connection, and how long that connection had been idle. */
export interface Granted<Place> {
  place: Place;
  connection: Connection;
  idleForMs: number;
}

/** All connections to one target with one credential, one route and one set of trusted keys. */
export interface Site<Place> {
  readonly connections: ReadonlySet<Connection>;
  readonly waiting: number;
  readonly connecting: boolean;
  /** First come, first served. Rejects with the connect's error, or with the signal's reason. */
  acquire(signal: AbortSignal): Promise<Granted<Place>>;
  /** To be called when a place on one of its connections became free. */
  serve(): void;
  /** To be called when one of its connections has closed. */
  closed(connection: Connection): void;
  /** Fails everybody who waits, and stops the connect under way. */
  expel(error: SshError): void;
}

export interface SiteOptions<Place> {
  maxConnections: number;
  connect: (signal: AbortSignal) => Promise<Connection>;
  reserve: (connection: Connection) => Place | undefined;
  now: () => number;
  /** Nothing is left here: no connection, nobody waiting. */
  onEmpty: () => void;
}

export function createSite<Place>({ maxConnections, connect, reserve, now, onEmpty }: SiteOptions<Place>): Site<Place> {
  const connections = new Set<Connection>();
  const waiters = new Set<{ resolve: (granted: Granted<Place>) => void; reject: (error: unknown) => void }>();
  let attempt: AbortController | undefined;

  function take(): Granted<Place> | undefined {
    for (const connection of connections) {
      const idleForMs = now() - connection.lastUsedAt;
      const place = reserve(connection);
      if (place !== undefined) return { place, connection, idleForMs };
    }
    return undefined;
  }

  function acquire(signal: AbortSignal): Promise<Granted<Place>> {
    if (signal.aborted) return Promise.reject(signal.reason);
    const granted = waiters.size === 0 ? take() : undefined;
    if (granted) return Promise.resolve(granted);
    return new Promise((resolve, reject) => {
      const leave = () => {
        waiters.delete(waiter);
        signal.removeEventListener('abort', abort);
      };
      const waiter = {
        resolve: (value: Granted<Place>) => {
          leave();
          resolve(value);
        },
        reject: (error: unknown) => {
          leave();
          reject(error);
        },
      };
      const abort = () => {
        waiter.reject(signal.reason);
        if (waiters.size === 0) attempt?.abort(signal.reason);
      };
      signal.addEventListener('abort', abort, { once: true });
      waiters.add(waiter);
      grow();
    });
  }

  function serve(): void {
    for (const waiter of waiters) {
      const granted = take();
      if (!granted) break;
      waiter.resolve(granted);
    }
    grow();
  }

  function grow(): void {
    if (waiters.size > 0 && !attempt && connections.size < maxConnections) void connectOnce();
  }

  async function connectOnce(): Promise<void> {
    const controller = new AbortController();
    attempt = controller;
    try {
      connections.add(await connect(controller.signal));
      attempt = undefined;
      serve();
    } catch (error) {
      attempt = undefined;
      // Whoever came while an abandoned attempt was being wound up starts the next one.
      if (controller.signal.aborted) grow();
      else if (connections.size === 0) for (const waiter of [...waiters]) waiter.reject(error);
    }
    tidy();
  }

  function tidy(): void {
    if (connections.size === 0 && waiters.size === 0 && !attempt) onEmpty();
  }

  function closed(connection: Connection): void {
    if (!connections.delete(connection)) return;
    grow();
    tidy();
  }

  function expel(error: SshError): void {
    for (const waiter of [...waiters]) waiter.reject(error);
    attempt?.abort(error);
    tidy();
  }

  return {
    connections,
    get waiting() {
      return waiters.size;
    },
    get connecting() {
      return attempt !== undefined;
    },
    acquire,
    serve,
    closed,
    expel,
  };
}
