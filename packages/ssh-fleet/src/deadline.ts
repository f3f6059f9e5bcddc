/**
 * A timer for an answer from the network. What has already arrived when it runs out is still read first: on a busy
 * machine the answer may lie there while a plain timer would call the host silent.
 * @returns the undo
 */
export function startDeadline(ms: number, onLate: () => void): () => void {
  let immediate: NodeJS.Immediate | undefined;
  const timer = setTimeout(() => {
    // Timers run before arrived data is read, immediates after it.
    immediate = setImmediate(onLate);
  }, ms);
  return () => {
    clearTimeout(timer);
    clearImmediate(immediate);
  };
}
