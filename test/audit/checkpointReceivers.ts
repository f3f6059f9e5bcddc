import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createServer as createTls } from 'node:tls';

export interface Receiver {
  /** What came, as it came. */
  readonly got: string[];
  close(): Promise<void>;
}

export interface Certificate {
  file: string;
  key: string;
  cert: string;
}

/** A certificate that vouches for itself, so that it is its own CA. */
export function makeCertificate(folder: string, name: string): Certificate {
  const [key, cert] = [join(folder, `${name}.key`), join(folder, `${name}.pem`)];
  const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`];
  execFileSync('openssl', [...made, '-keyout', key, '-out', cert, ...subject], { stdio: 'ignore' });
  return { file: cert, key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
}

/** A syslog server over TLS, which keeps what each connection brought. */
export async function syslogReceiver(port: number, { key, cert }: Certificate): Promise<Receiver> {
  const got: string[] = [];
  const server = createTls({ key, cert }, async (socket) => {
    socket.on('error', () => {});
    got.push(await text(socket).catch(() => ''));
  });
  server.on('tlsClientError', () => {});
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return { got, close: () => new Promise((closed) => server.close(() => closed())) };
}

export async function webhookReceiver(port: number, status: () => number): Promise<Receiver> {
  const got: string[] = [];
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const code = status();
    if (code < 300) got.push(body);
    response.writeHead(code).end();
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    got,
    close() {
      server.closeAllConnections();
      return new Promise((closed) => server.close(() => closed()));
    },
  };
}
