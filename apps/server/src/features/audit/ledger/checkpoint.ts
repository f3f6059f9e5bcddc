import { type KeyObject, sign, verify } from 'node:crypto';
import { z } from 'zod';
import { type Block, hashOf, hex } from './block.ts';

/** "Up to here the ledger was thus": one line to be kept where the server's database cannot be reached from. */
export interface Checkpoint {
  block: number;
  /** Of the block, in hex; it stands for all before it. */
  hash: string;
  /** UTC milliseconds. */
  sealedAt: number;
  keyId: string;
  signature: Uint8Array;
}

const lineSchema = z
  .tuple([
    z.literal('om-checkpoint-1'),
    z.string().regex(/^\d{1,15}$/),
    z.string().regex(/^[0-9a-f]{64}$/),
    z.string().regex(/^\d{1,15}$/),
    z.string().regex(/^[0-9a-f]{16}$/),
    z.base64(),
  ])
  .transform(
    ([, block, hash, sealedAt, keyId, signature]): Checkpoint => ({
      block: Number(block),
      hash,
      sealedAt: Number(sealedAt),
      keyId,
      signature: Buffer.from(signature, 'base64'),
    }),
  );

function signedText({ block, hash, sealedAt, keyId }: Omit<Checkpoint, 'signature'>): string {
  return ['om-checkpoint-1', block, hash, sealedAt, keyId].join(' ');
}

/** `om-checkpoint-1 <block> <hash> <time> <key id> <signature>`, without a line end. */
export function writeCheckpoint(block: Block, key: KeyObject): string {
  const { number, sealedAt, keyId } = block;
  const text = signedText({ block: number, hash: hex(hashOf(block)), sealedAt, keyId });
  return `${text} ${sign(null, Buffer.from(text), key).toString('base64')}`;
}

/** Null when the line is no checkpoint. */
export function readCheckpoint(line: string): Checkpoint | null {
  return lineSchema.safeParse(line.trim().split(' ')).data ?? null;
}

/** A checkpoint with whatever was written around it on its way: a syslog server's header, a webhook's JSON. */
const within = /om-checkpoint-1 \d{1,15} [0-9a-f]{64} \d{1,15} [0-9a-f]{16} [A-Za-z0-9+/]{86}==/g;

/** The checkpoints of a file, one or more a line, as they were received; or the number of the first line without one. */
export function readCheckpoints(text: string): Checkpoint[] | { wrongLine: number } {
  const checkpoints: Checkpoint[] = [];
  for (const [i, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const found = [...line.matchAll(within)].flatMap(([one]) => readCheckpoint(one) ?? []);
    if (found.length === 0) return { wrongLine: i + 1 };
    checkpoints.push(...found);
  }
  return checkpoints;
}

export function isCheckpointSignedBy(checkpoint: Checkpoint, key: KeyObject): boolean {
  return verify(null, Buffer.from(signedText(checkpoint)), key, checkpoint.signature);
}
