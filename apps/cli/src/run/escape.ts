const tilde = 0x7e;
const dot = 0x2e;
const lineEnds: ReadonlySet<number> = new Set([0x0d, 0x0a]);

/** Finds `~.` at the beginning of a line, as ssh has it; `~~` is one tilde. Keeps a tilde back until the next key. */
export function createEscape(): (keys: Uint8Array) => { pass: Uint8Array; leave: boolean } {
  let atStart = true;
  let held = false;
  return (keys) => {
    const pass: number[] = [];
    for (const key of keys) {
      if (held) {
        held = false;
        if (key === dot) return { pass: Uint8Array.from(pass), leave: true };
        pass.push(tilde);
        if (key === tilde) {
          atStart = false;
          continue;
        }
      } else if (atStart && key === tilde) {
        held = true;
        continue;
      }
      pass.push(key);
      atStart = lineEnds.has(key);
    }
    return { pass: Uint8Array.from(pass), leave: false };
  };
}
