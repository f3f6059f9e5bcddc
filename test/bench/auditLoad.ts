import { connect, type Socket } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';

/** Requests ready to be sent, by connection: each sends its next one when the last was answered. */
export interface Load {
  port: number;
  requests: readonly (readonly Uint8Array[])[];
}

export interface LoadDone {
  ms: number;
  /** Answers by their status. */
  statuses: Record<string, number>;
}

async function run({ port, requests }: Load): Promise<LoadDone> {
  const statuses: Record<string, number> = {};
  const sockets = await Promise.all(requests.map(() => open(port)));
  const began = performance.now();
  await Promise.all(sockets.map((socket, at) => sendAll(socket, requests[at] ?? [], statuses)));
  return { ms: performance.now() - began, statuses };
}

/** Reads no more of HTTP than it needs: the status, and that bodies are short and have a length. */
function sendAll(socket: Socket, requests: readonly Uint8Array[], statuses: Record<string, number>): Promise<void> {
  return new Promise((resolve, reject) => {
    let sent = 0;
    let answer = '';
    const next = () => {
      const request = requests[sent++];
      if (request) return void socket.write(request);
      socket.destroy();
      resolve();
    };
    socket.once('error', reject);
    socket.setEncoding('latin1').on('data', (text: string) => {
      answer += text;
      const head = answer.indexOf('\r\n\r\n');
      const length = /content-length: (\d+)/i.exec(answer)?.[1];
      if (head < 0 || answer.length < head + 4 + Number(length ?? 0)) return;
      const status = answer.slice(9, 12);
      statuses[status] = (statuses[status] ?? 0) + 1;
      answer = '';
      next();
    });
    next();
  });
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => resolve(socket)).once('error', reject);
  });
}

const load: Load = workerData;
run(load).then((done) => parentPort?.postMessage(done));
