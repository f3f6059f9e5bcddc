import { once } from 'node:events';
import { createServer as createHttp } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { enrolAdmin } from '../lab/operators.ts';
import { startServer } from '../lab/server.ts';
import { figureOf, printFigures, printRatio } from './figures.ts';

const warmUp = 300;
const callsPerRound = 1000;

/** One call at a time, sealed and through the whole dispatcher, beside a plain ws echo of about the same size. */
export async function benchRpc(rounds: number): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const server = await startServer({ env: { OM_LOG_LEVEL: 'warn' } });
  stack.defer(() => server.stop());
  const { client } = await enrolAdmin(server);
  stack.defer(() => client.close());
  const echo = await startEcho();
  stack.defer(() => echo.stop());
  const sealed = () => client.call('system.info', {});
  const message = JSON.stringify({ jsonrpc: '2.0', id: 1, result: await sealed() });
  const plain = () => echo.call(message);
  for (let i = 0; i < warmUp; i++) await Promise.all([sealed(), plain()]);
  const times: { sealed: number[]; plain: number[] } = { sealed: [], plain: [] };
  for (let i = 0; i < rounds; i++) {
    times.plain.push(await microseconds(plain));
    times.sealed.push(await microseconds(sealed));
  }
  const figures = [
    figureOf('plain ws echo', 'µs', times.plain),
    figureOf('sealed call (system.info)', 'µs', times.sealed),
  ];
  printFigures(`round trips, one at a time, ${rounds} × ${callsPerRound}`, figures);
  const ratio = (figures[1]?.median ?? 0) / (figures[0]?.median ?? 1);
  printRatio('sealed call / plain echo', ratio, 'shown, no aim', true);
}

async function microseconds(call: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  for (let i = 0; i < callsPerRound; i++) await call();
  return ((performance.now() - began) * 1000) / callsPerRound;
}

async function startEcho() {
  const http = createHttp();
  const sockets = new WebSocketServer({ server: http, perMessageDeflate: false });
  sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(data)));
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const { port } = http.address() as AddressInfo;
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false });
  await once(socket, 'open');
  return {
    async call(message: string): Promise<void> {
      const answered = once(socket, 'message');
      socket.send(message);
      await answered;
    },
    async stop(): Promise<void> {
      socket.terminate();
      sockets.close();
      http.close();
      await once(http, 'close');
    },
  };
}
