/** A client in a process of its own that follows runs, as `om` and the web app do, and says what it received. */
import { type Client, createClient, createWebSocketTransport } from '@omanager/client';
import { finalRunStates, type HostRun } from '@omanager/contract';
import type { KeyPair } from '@omanager/secure-channel';
import { WebSocket } from 'ws';
import { digestOf } from './stateDigest.ts';

export type WatcherRequest =
  | { kind: 'connect'; port: number; serverPublicKey: Uint8Array; keyPair: KeyPair; session: string }
  | { kind: 'watch'; runId: string };

export type WatcherReply = { kind: 'connected' } | ({ kind: 'done' } & Watched);

export interface Watched {
  /** Events of the stream, host rows in them, and bytes on the wire. */
  events: number;
  rows: number;
  bytes: number;
  /** Over the last state of every host that it was told of. */
  digest: string;
}

let client: Client | undefined;
let bytes = 0;

process.on('disconnect', () => process.exit(0));
process.on('message', (request: WatcherRequest) => {
  if (request.kind === 'connect') connect(request);
  else void watch(request.runId);
});

const reply = (message: WatcherReply) => process.send?.(message);

function connect({ port, serverPublicKey, keyPair, session }: Extract<WatcherRequest, { kind: 'connect' }>): void {
  client = createClient({
    transport: createWebSocketTransport({
      url: `ws://127.0.0.1:${port}/ws`,
      open(url, subprotocol) {
        const socket = new WebSocket(url, subprotocol, { perMessageDeflate: false });
        socket.on('message', (data: ArrayBuffer) => {
          bytes += data.byteLength;
        });
        return socket;
      },
    }),
    serverPublicKey,
    keyPair,
    session: () => session,
    onState: (state) => {
      if (state.kind === 'open') reply({ kind: 'connected' });
    },
  });
}

async function watch(runId: string): Promise<void> {
  if (!client) throw new Error('not connected');
  const hosts = new Map<number, HostRun>();
  let events = 0;
  let rows = 0;
  bytes = 0;
  for await (const event of client.stream('runs.watch', { runId })) {
    events++;
    rows += event.hosts.length;
    for (const host of event.hosts) hosts.set(host.ordinal, host);
    if (finalRunStates.has(event.run.state) && hosts.size < event.run.total && event.hosts.length === 0)
      throw new Error(`the run has ended and only ${hosts.size} of ${event.run.total} hosts were told`);
  }
  reply({ kind: 'done', events, rows, bytes, digest: digestOf(hosts.values()) });
}
