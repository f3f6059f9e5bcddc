import { connect, type Socket } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';

/** Requests ready to be sent, by sender: each sends its next one when the last was answered. */
export interface Load {
  port: number;
  requests: readonly (readonly Uint8Array[])[];
  /** A connection for each request, from an address of each sender's own; else one for all of a sender's. */
  anew: boolean;
}

export interface LoadDone {
  ms: number;
  /** Answers by their status. */
  statuses: Record<string, number>;
}

async function run({ port, requests, anew }: Load): Promise<LoadDone> {
  const statuses: Record<string, number> = {};
  const count = ({ status }: { status: string }) => {
    statuses[status] = (statuses[status] ?? 0) + 1;
  };
  const kept = anew ? [] : await Promise.all(requests.map(() => open(port)));
  const began = performance.now();
  await Promise.all(
    requests.map(async (mine, sender) => {
      for (const request of mine) {
        const socket = kept[sender] ?? (await open(port, `127.1.${sender >> 8}.${sender & 255}`));
        count(await ask(socket, request));
        if (anew) socket.destroy();
      }
    }),
  );
  const ms = performance.now() - began;
  for (const socket of kept) socket.destroy();
  return { ms, statuses };
}

/** Reads no more of HTTP than it needs: the status, and that bodies are short and have a length. */
function ask(socket: Socket, request: Uint8Array): Promise<{ status: string }> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const take = (text: string) => {
      answer += text;
      const head = answer.indexOf('\r\n\r\n');
      const length = /content-length: (\d+)/i.exec(answer)?.[1];
      if (head < 0 || answer.length < head + 4 + Number(length ?? 0)) return;
      socket.off('data', take).off('error', reject);
      resolve({ status: answer.slice(9, 12) });
    };
    socket.on('data', take).once('error', reject);
    socket.write(request);
  });
}

function open(port: number, localAddress = '127.0.0.1'): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', localAddress, noDelay: true }, () => {
      socket.off('error', reject);
      resolve(socket.setEncoding('latin1'));
    }).once('error', reject);
  });
}

const load: Load = workerData;
run(load).then((done) => parentPort?.postMessage(done));
