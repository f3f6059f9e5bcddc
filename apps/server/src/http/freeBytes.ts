/** Smaller ones are a piece of Node's shared pool, or cheap. */
const worthIt = 64 * 1024;

/**
 * Gives the memory of a large message back at once, which nobody may look at any more. While a client is slow its
 * messages grow old, and the collector comes for old ones only after tens of megabytes.
 */
export function freeBytes({ buffer, byteLength }: Uint8Array): void {
  if (byteLength >= worthIt && buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}
