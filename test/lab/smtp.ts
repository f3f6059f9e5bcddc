import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { freePort } from './ports.ts';

export interface TestSmtp {
  readonly port: number;
  /** As they came, head and body. */
  readonly mails: string[];
  close(): Promise<void>;
}

/** An SMTP server on loopback without TLS, which takes everything unless `options` refuse it. */
export async function startSmtp(options: SMTPServerOptions = {}): Promise<TestSmtp> {
  const mails: string[] = [];
  const server = new SMTPServer({
    ...{ disabledCommands: ['STARTTLS'], allowInsecureAuth: true, authOptional: true },
    onData(stream, _session, done) {
      let text = '';
      stream.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      stream.on('end', () => {
        mails.push(text);
        done();
      });
    },
    ...options,
  });
  server.on('error', () => {});
  const port = await freePort();
  await new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening));
  return { port, mails, close: () => new Promise((closed) => server.close(() => closed())) };
}

/** What a server says when it does not take something. */
export const smtpRefusal = (responseCode: number): Error => Object.assign(new Error('no'), { responseCode });
