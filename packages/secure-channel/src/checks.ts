import { ChannelError } from './errors.ts';
import type { KeyHolder, KeyPair, Primitives } from './primitives.ts';
import { type CommandName, readCounter } from './wire.ts';

/** The small refusals that client and server share. Each throws a ChannelError or returns. */

export function requireSize(command: Uint8Array, name: CommandName, size: number): void {
  if (command.length !== size) throw new ChannelError('bad_size', `${name} has ${command.length} bytes, not ${size}`);
}

export function requireAtLeast(command: Uint8Array, name: CommandName, size: number): void {
  if (command.length < size)
    throw new ChannelError('bad_size', `${name} has ${command.length} bytes, fewer than ${size}`);
}

export function requireCounter(command: Uint8Array, offset: number, name: CommandName, expected: number): void {
  if (readCounter(command, offset) !== expected) {
    throw new ChannelError('bad_counter', `${name} does not carry the counter ${expected}`);
  }
}

export function requireKeyPair(pair: KeyPair, whose: string): void {
  if (!isKeyBytes(pair.publicKey) || !isKeyBytes(pair.secretKey)) {
    throw new ChannelError('bad_key', `${whose} needs a public and a secret key of 32 bytes each`);
  }
}

export function requireKeyHolder(holder: KeyHolder, whose: string): void {
  if (!isKeyBytes(holder.publicKey) || typeof holder.agree !== 'function') {
    throw new ChannelError('bad_key', `${whose} needs a public key of 32 bytes and an \`agree\` to use the secret one`);
  }
}

/** What a key holder answered; it is not our code. */
export function requireSharedKeyBytes(agreed: Uint8Array): Uint8Array {
  if (!isKeyBytes(agreed)) throw new ChannelError('bad_key', 'A key holder answers with a shared key of 32 bytes');
  return agreed;
}

const isKeyBytes = (key: unknown): boolean => key instanceof Uint8Array && key.length === 32;

/** What the box holds, or `bad_box` with the given words. */
export function requireOpen(
  crypto: Primitives,
  box: Uint8Array,
  nonce: Uint8Array,
  key: Uint8Array,
  refusal: string,
): Uint8Array {
  const opened = crypto.open(box, nonce, key);
  if (opened === null) throw new ChannelError('bad_box', refusal);
  return opened;
}

export const isZero = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0);
