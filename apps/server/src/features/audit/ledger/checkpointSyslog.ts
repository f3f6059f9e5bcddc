import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { connect, isIP, type Socket } from 'node:net';
import { hostname } from 'node:os';
import { connect as connectTls } from 'node:tls';
import { NotTaken } from './checkpointFailure.ts';
import type { SendCheckpoint } from './checkpointForwarder.ts';

const ports: Record<string, number> = { 'udp:': 514, 'tcp:': 601, 'tls:': 6514 };

/** Facility 13 (log audit), severity 6 (informational). */
const priority = 13 * 8 + 6;

/** One RFC 5424 message; the checkpoint is its MSG. */
function syslogMessage(checkpoint: string): string {
  const name =
    hostname()
      .replace(/[^!-~]/g, '')
      .slice(0, 255) || '-';
  return `<${priority}>1 ${new Date().toISOString()} ${name} omserver - checkpoint - ${checkpoint}`;
}

/** Sends to `udp:`, `tcp:` or `tls:`, each message by a connection of its own: there is one a minute at most. */
export function syslogSender(url: URL, deadlineMs = 10_000, ca?: string): SendCheckpoint {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = url.port === '' ? (ports[url.protocol] ?? 514) : Number(url.port);
  return async (checkpoint, signal) => {
    const message = syslogMessage(checkpoint);
    if (url.protocol === 'udp:') return sendDatagram(host, port, message);
    const servername = isIP(host) === 0 ? { servername: host } : {};
    const socket =
      url.protocol === 'tls:'
        ? connectTls({ host, port, ...servername, ...(ca ? { ca } : {}) })
        : connect({ host, port });
    const ready = url.protocol === 'tls:' ? 'secureConnect' : 'connect';
    // Octet counting, RFC 6587 and RFC 5425.
    const framed = `${Buffer.byteLength(message)} ${message}`;
    await sendFramed(socket, ready, framed, AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]));
  };
}

async function sendDatagram(host: string, port: number, message: string): Promise<void> {
  const { address, family } = await lookup(host);
  const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.send(message, port, address, (error) => (error ? reject(error) : resolve()));
    });
  } finally {
    socket.close();
  }
}

/** Waits until the other side closes too, so that nothing of the message is lost on the way. */
function sendFramed(socket: Socket, ready: string, text: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const giveUp = () => socket.destroy(new NotTaken('timeout', 'no end in time'));
    signal.addEventListener('abort', giveUp, { once: true });
    socket.once('error', reject);
    socket.once('close', () => {
      signal.removeEventListener('abort', giveUp);
      if (socket.writableFinished) resolve();
      else reject(new NotTaken('closed', 'before the message was sent'));
    });
    socket.once(ready, () => socket.end(text));
    socket.resume();
    if (signal.aborted) giveUp();
  });
}
