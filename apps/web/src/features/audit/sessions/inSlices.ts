const sliceMs = 8;

/** Does steps while there are any, and lets the page go on between them. */
export async function inSlices(step: () => boolean, signal: AbortSignal, told: () => void = () => {}): Promise<void> {
  for (;;) {
    const until = performance.now() + sliceMs;
    while (!signal.aborted && performance.now() < until) if (!step()) return told();
    if (signal.aborted) return;
    told();
    await new Promise((resolve) => setTimeout(resolve));
  }
}
