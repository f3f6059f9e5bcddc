/** Numbers one after another, in as few bytes as they need: a long recording has millions. */
export interface Numbers {
  readonly length: number;
  /** 0 where there is none. */
  at(index: number): number;
  push(value: number): void;
}

export function createNumbers(kind: 'u32' | 'f64'): Numbers {
  const room = (length: number) => (kind === 'u32' ? new Uint32Array(length) : new Float64Array(length));
  let values = room(1024);
  let length = 0;
  return {
    get length() {
      return length;
    },
    at: (index) => values[index] ?? 0,
    push(value) {
      if (length === values.length) {
        const more = room(length * 2);
        more.set(values);
        values = more;
      }
      values[length] = value;
      length++;
    },
  };
}

/** How many of the first `count` are at most this; they ascend. */
export function countUpTo(count: number, at: (index: number) => number, most: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (at(middle) <= most) low = middle + 1;
    else high = middle;
  }
  return low;
}
