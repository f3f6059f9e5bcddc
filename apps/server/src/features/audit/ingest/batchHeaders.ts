import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';

const uuid = z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
const whole = (digits: number) => z.string().regex(new RegExp(`^\\d{1,${digits}}$`));

const schema = z.object({
  'om-host': uuid,
  'om-key': uuid,
  'om-time': whole(11),
  'om-boot': uuid,
  'om-first': whole(15),
  'om-signature': z.string().regex(/^v1=[0-9a-f]{64}$/),
});

/** What stands above a batch. `signedText` is what the agent signed, before the body. */
export interface BatchHeaders {
  host: string;
  key: string;
  timeMs: number;
  boot: string;
  first: number;
  signature: Buffer;
  signedText: string;
}

/** Null when a field is missing or is not what docs/agent.md says. */
export function readBatchHeaders(headers: IncomingHttpHeaders): BatchHeaders | null {
  const { success, data } = schema.safeParse(headers);
  if (!success) return null;
  const { 'om-host': host, 'om-key': key, 'om-time': time, 'om-boot': boot, 'om-first': first } = data;
  if (Number(first) < 1) return null;
  return {
    host,
    key,
    timeMs: Number(time) * 1000,
    boot,
    first: Number(first),
    signature: Buffer.from(data['om-signature'].slice(3), 'hex'),
    signedText: ['om-audit-v1', host, key, time, boot, first].map((line) => `${line}\n`).join(''),
  };
}

/** Compares in a time that tells nothing. */
export function isSignedWith(headers: BatchHeaders, body: Uint8Array, key: Uint8Array): boolean {
  const expected = createHmac('sha256', key).update(headers.signedText).update(body).digest();
  return timingSafeEqual(expected, headers.signature);
}
