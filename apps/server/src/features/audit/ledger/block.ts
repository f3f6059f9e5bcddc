import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import type { EventKind } from './leaf.ts';
import { sha256 } from './merkle.ts';

/** What a block says: it vouches for its events by their root, and for all blocks before it by the last one's hash. */
export interface BlockHeader {
  /** From 0 on, without a gap. */
  number: number;
  kind: EventKind;
  /** Hash of the block before it; zeros for the first. */
  previous: Uint8Array;
  /** Merkle root over the leaves of its events. */
  root: Uint8Array;
  events: number;
  /** UTC milliseconds. */
  sealedAt: number;
  /** Of the key that signed it. */
  keyId: string;
}

export interface Block extends BlockHeader {
  /** Ed25519 (RFC 8032) over the header's bytes. */
  signature: Uint8Array;
}

export const noBlock: Uint8Array = new Uint8Array(32);

/** The bytes that are hashed and signed: lines of text, so that anybody can make them again with any tool. */
export function headerBytes(header: BlockHeader): Buffer {
  const { number, kind, previous, root, events, sealedAt, keyId } = header;
  return Buffer.from(
    ['om-block-1', number, kind, hex(previous), hex(root), events, sealedAt, keyId].map((line) => `${line}\n`).join(''),
  );
}

export function hashOf(header: BlockHeader): Buffer {
  return sha256(headerBytes(header));
}

export function signBlock(header: BlockHeader, key: KeyObject): Block {
  return { ...header, signature: sign(null, headerBytes(header), key) };
}

export function isSignedBy(block: Block, key: KeyObject): boolean {
  return verify(null, headerBytes(block), key, block.signature);
}

/** Which key it is: the beginning of the hash of its 32 bytes, as 16 hex digits. */
export function keyIdOf(publicKey: Uint8Array): string {
  return hex(sha256(publicKey)).slice(0, 16);
}

/** From the 32 bytes of an Ed25519 public key. Throws on anything else. */
export function readPublicKey(bytes: Uint8Array): KeyObject {
  if (bytes.length !== 32) throw new RangeError('an Ed25519 public key has 32 bytes');
  return createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(bytes).toString('base64url') },
    format: 'jwk',
  });
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
