import { isIP } from 'node:net';
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

/** Hands one e-mail to a server whose address was resolved once and looked at. Null: it was taken; else why not. */
export async function sendMail(
  { url, secret, email, message }: Mail,
  { networks, resolve, timeoutMs = 10_000, ca }: MailOptions,
  signal: AbortSignal,
): Promise<string | null> {
  const target = new URL(url);
  const secure = target.protocol === 'smtps:';
  const plain = !secure && target.searchParams.get('tls') === 'no';
  const { hostname, address, listed } = await pin(target.hostname, { networks, ...(resolve && { resolve }) });
  if (plain && !listed) throw new AddressRefused('only TLS is used beyond OM_ALERT_NETWORKS');
  const transport = createTransport({
    ...{ host: address, port: Number(target.port) || ports[secure ? 'smtps:' : 'smtp:'] },
    ...{ secure, requireTLS: !secure && !plain, ignoreTLS: plain },
    ...(email.user !== undefined && { auth: { user: email.user, pass: secret ?? '' } }),
    tls: { ...(isIP(hostname) === 0 && { servername: hostname }), ...(ca !== undefined && { ca }) },
    ...{ connectionTimeout: timeoutMs, greetingTimeout: timeoutMs, socketTimeout: timeoutMs },
    ...{ disableFileAccess: true, disableUrlAccess: true },
  });
  const over = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const end = (): void => reject(over.reason);
  over.addEventListener('abort', end, { once: true });
  try {
    const { from, to } = email;
    const headers = { 'auto-submitted': 'auto-generated' };
    const sent = transport.sendMail({ from, to, headers, subject: subjectOf(message), text: textOf(message) });
    sent.catch(() => {});
    await Promise.race([sent, ended]);
    return null;
  } catch (error) {
    if (over.aborted) throw error;
    const { code = 'failed', responseCode } = failureSchema.catch({}).parse(error);
    return responseCode === undefined ? code : `${code} (SMTP ${responseCode})`;
  } finally {
    over.removeEventListener('abort', end);
    transport.close();
  }
}
