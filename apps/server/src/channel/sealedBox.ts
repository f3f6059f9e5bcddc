import { createHash } from 'node:crypto';
import { generateKeyPair, type KeyPair, type Primitives } from '@omanager/secure-channel';

const keyBytes = 32;

/**
 * Seals bytes so that only the owner of a key can open them, for the purpose named in `context` and no other: NaCl's box
 * from a key that is made for this one message. The nonce is the hash of both keys and the context, so a box that is
 * shown in another place does not open. Result: the fresh public key (32 bytes), then the box.
 */
export function sealTo(crypto: Primitives, publicKey: Uint8Array, context: string, plain: Uint8Array): Uint8Array {
  const fresh = generateKeyPair(crypto);
  const shared = crypto.sharedKey(publicKey, fresh.secretKey);
  if (!shared) throw new Error('nothing can be sealed to a low-order key');
  const box = crypto.seal(plain, nonceOf(fresh.publicKey, publicKey, context), shared);
  shared.fill(0);
  fresh.secretKey.fill(0);
  const sealed = new Uint8Array(keyBytes + box.length);
  sealed.set(fresh.publicKey);
  sealed.set(box, keyBytes);
  return sealed;
}

/** Opens what `sealTo` made; null where it was altered, or made for another key or another context. */
export function openSealed(crypto: Primitives, own: KeyPair, context: string, sealed: Uint8Array): Uint8Array | null {
  if (sealed.length <= keyBytes) return null;
  const fresh = sealed.slice(0, keyBytes);
  const shared = crypto.sharedKey(fresh, own.secretKey);
  if (!shared) return null;
  const plain = crypto.open(sealed.subarray(keyBytes), nonceOf(fresh, own.publicKey, context), shared);
  shared.fill(0);
  return plain;
}

function nonceOf(fresh: Uint8Array, to: Uint8Array, context: string): Uint8Array {
  return createHash('sha512').update('om-sealed-1').update(fresh).update(to).update(context).digest().subarray(0, 24);
}

/** What a sealed shard, or a piece of a plan, is bound to. */
export function shardContext({
  kind,
  runId,
  zoneId,
  workerId,
  part,
}: {
  kind: 'shard' | 'plan';
  runId: string;
  zoneId: string;
  workerId: string;
  part: string;
}): string {
  return `${kind}|${runId}|${zoneId}|${workerId}|${part}`;
}
