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

interface Waiter<Place> {
  resolve: (granted: Granted<Place>) => void;
  reject: (error: unknown) => void;
}

export function createSite<Place>({ maxConnections, connect, reserve, now, onEmpty }: SiteOptions<Place>): Site<Place> {
  const connections = new Set<Connection>();
  /** Only while somebody waits: there are as many sites as there are hosts. */
  let waiters: Set<Waiter<Place>> | undefined;
  let attempt: AbortController | undefined;
  const site = { connections, waiting: 0, connecting: false, acquire, serve, closed, expel };

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
    const granted = site.waiting === 0 ? take() : undefined;
    if (granted) return Promise.resolve(granted);
    return new Promise((resolve, reject) => {
      const leave = () => {
        waiters?.delete(waiter);
        site.waiting = waiters?.size ?? 0;
        if (site.waiting === 0) waiters = undefined;
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
        if (site.waiting === 0) attempt?.abort(signal.reason);
      };
      signal.addEventListener('abort', abort, { once: true });
      waiters ??= new Set();
      waiters.add(waiter);
      site.waiting++;
      grow();
    });
  }

  function serve(): void {
    for (const waiter of waiters ?? []) {
      const granted = take();
      if (!granted) break;
      waiter.resolve(granted);
    }
    grow();
  }

  function grow(): void {
    if (site.waiting > 0 && !attempt && connections.size < maxConnections) void connectOnce();
  }

  async function connectOnce(): Promise<void> {
    const controller = new AbortController();
    attempt = controller;
    site.connecting = true;
    try {
      connections.add(await connect(controller.signal));
      attemptOver();
      serve();
    } catch (error) {
      attemptOver();
      // Whoever came while an abandoned attempt was being wound up starts the next one.
      if (controller.signal.aborted) grow();
      else if (connections.size === 0) for (const waiter of [...(waiters ?? [])]) waiter.reject(error);
    }
    tidy();
  }

  function attemptOver(): void {
    attempt = undefined;
    site.connecting = false;
  }

  function tidy(): void {
    if (connections.size === 0 && site.waiting === 0 && !attempt) onEmpty();
  }

  function closed(connection: Connection): void {
    if (!connections.delete(connection)) return;
    grow();
    tidy();
  }

  function expel(error: SshError): void {
    for (const waiter of [...(waiters ?? [])]) waiter.reject(error);
    attempt?.abort(error);
    tidy();
  }

  return site;
}
