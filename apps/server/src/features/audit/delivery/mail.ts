import { once } from 'node:events';
import { connect, isIP } from 'node:net';
import type { AlertEmail } from '@omanager/contract';
import { createTransport } from 'nodemailer';
import { z } from 'zod';
import { type Message, subjectOf, textOf } from './formats.ts';
import { AddressRefused, type PostOptions, pin } from './post.ts';

interface Mail {
  /** `smtps:` is TLS from the start; `smtp:` must turn to TLS, unless `?tls=no` and the network is listed. */
  url: string;
  /** The password. */
  secret?: string | undefined;
  email: AlertEmail;
  message: Message;
}

export interface MailOptions extends PostOptions {
  /** Certificates that are trusted instead of those of the system. */
  ca?: string;
}

const ports = { 'smtps:': 465, 'smtp:': 587 } as const;
const failureSchema = z.looseObject({ code: z.string().optional(), responseCode: z.int().optional() });

/** Sign-in was refused: whoever corrects the password wants what waits to be sent. */
const signInCodes: ReadonlySet<number> = new Set([530, 534, 535]);

/**
 * Hands one e-mail to a server whose address was resolved once and looked at. `error` null: it was taken; `final`: the
 * server will never take it. The connection is closed in any case. Throws when there was no answer in time.
 */
export async function sendMail(
  { url, secret, email, message }: Mail,
  { networks, resolve, timeoutMs = 10_000, ca }: MailOptions,
  signal: AbortSignal,
): Promise<{ error: string | null; final: boolean }> {
  const target = new URL(url);
  const secure = target.protocol === 'smtps:';
  const plain = !secure && target.searchParams.get('tls') === 'no';
  const { hostname, address, listed } = await pin(target.hostname, { networks, ...(resolve && { resolve }) });
  if (plain && !listed) throw new AddressRefused('only TLS is used beyond OM_ALERT_NETWORKS');
  const over = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const port = Number(target.port) || ports[secure ? 'smtps:' : 'smtp:'];
  // Ours, so that it ends with us: the transport would keep it as long as the server says something.
  const socket = connect({ host: address, port, signal: over });
  const cut = new Promise<never>((_resolve, reject) => socket.once('error', reject));
  cut.catch(() => {});
  try {
    await Promise.race([once(socket, 'connect'), cut]);
    const transport = createTransport({
      // The name that the certificate must have, also when it is an address.
      ...{ connection: socket, host: hostname, secure, requireTLS: !secure && !plain, ignoreTLS: plain },
      ...(email.user !== undefined && { auth: { user: email.user, pass: secret ?? '' } }),
      tls: { ...(isIP(hostname) === 0 && { servername: hostname }), ...(ca !== undefined && { ca }) },
      ...{ disableFileAccess: true, disableUrlAccess: true },
    });
    const { from, to } = email;
    const headers = { 'auto-submitted': 'auto-generated' };
    const sent = transport.sendMail({ from, to, headers, subject: subjectOf(message), text: textOf(message) });
    sent.catch(() => {});
    await Promise.race([sent, cut]);
    return { error: null, final: false };
  } catch (error) {
    if (over.aborted) throw over.reason;
    const { code = 'failed', responseCode } = failureSchema.catch({}).parse(error);
    if (responseCode === undefined) return { error: code, final: false };
    const final = responseCode >= 500 && responseCode <= 599 && !signInCodes.has(responseCode);
    return { error: `${code} (SMTP ${responseCode})`, final };
  } finally {
    socket.destroy();
  }
}
