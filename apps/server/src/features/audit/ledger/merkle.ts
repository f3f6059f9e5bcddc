import { hash } from 'node:crypto';

export const leafPrefix = 0;
const nodePrefix = 1;
const hashBytes = 32;
/** Where the bytes of a node are put together. */
const scratch = Buffer.alloc(1 + 2 * hashBytes);

/** The hash of a leaf's bytes; leaves and nodes can never be taken for each other (RFC 6962, section 2.1). */
export function hashLeaf(...parts: readonly Uint8Array[]): Buffer {
  return sha256(Buffer.concat([Buffer.of(leafPrefix), ...parts]));
}

/** The Merkle tree hash over leaf hashes (RFC 6962, section 2.1); of none of them, the hash of nothing. */
export function rootOf(leaves: readonly Uint8Array[]): Buffer {
  if (leaves.length === 0) return sha256(Buffer.alloc(0));
  return Buffer.from(rootBetween(leaves, 0, leaves.length));
}

function rootBetween(leaves: readonly Uint8Array[], begin: number, end: number): Uint8Array {
  if (end - begin === 1) return leaves[begin] ?? noLeaf;
  const middle = begin + splitOf(end - begin);
  return hashNode(rootBetween(leaves, begin, middle), rootBetween(leaves, middle, end));
}

const noLeaf = new Uint8Array();

/** The hashes that lead from one leaf to the root, from below upwards (RFC 6962, section 2.1.1). */
export function pathOf(index: number, leaves: readonly Uint8Array[]): Buffer[] {
  if (index < 0 || index >= leaves.length) throw new RangeError(`there is no leaf ${index} of ${leaves.length}`);
  if (leaves.length === 1) return [];
  const middle = splitOf(leaves.length);
  return index < middle
    ? [...pathOf(index, leaves.slice(0, middle)), rootOf(leaves.slice(middle))]
    : [...pathOf(index - middle, leaves.slice(middle)), rootOf(leaves.slice(0, middle))];
}

/** The root that a leaf and its path give, or null when the path has the wrong length (RFC 9162, section 2.1.3.2). */
export function rootFromPath(
  leaf: Uint8Array,
  index: number,
  count: number,
  path: readonly Uint8Array[],
): Buffer | null {
  if (index < 0 || index >= count) return null;
  let node = index;
  let last = count - 1;
  let root: Buffer = Buffer.from(leaf);
  for (const sibling of path) {
    if (last === 0) return null;
    if (node % 2 === 1 || node === last) {
      root = hashNode(sibling, root);
      while (node % 2 === 0 && node !== 0) [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
    } else root = hashNode(root, sibling);
    [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
  }
  return last === 0 ? root : null;
}

export function sha256(bytes: Uint8Array): Buffer {
  return hash('sha256', bytes, 'buffer');
}

function hashNode(left: Uint8Array, right: Uint8Array): Buffer {
  // A leaf that was tampered with may have any length.
  if (left.length !== hashBytes || right.length !== hashBytes)
    return sha256(Buffer.concat([Buffer.of(nodePrefix), left, right]));
  scratch[0] = nodePrefix;
  scratch.set(left, 1);
  scratch.set(right, 1 + hashBytes);
  return sha256(scratch);
}

/** The largest power of two below `count`. */
function splitOf(count: number): number {
  let split = 1;
  while (split * 2 < count) split *= 2;
  return split;
}
