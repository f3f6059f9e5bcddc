/** Browsers cap the height of an element at 17 to 33 million pixels: above this the scroll bar is a scale of its own. */
const mostPixels = 8_000_000;

export interface Scrolling {
  /** Height of what scrolls. */
  readonly height: number;
  /** The line at the top, from 0 with its fraction, when it is scrolled so far. */
  lineAt(scrollTop: number): number;
  /** How far to scroll so that this line, from 0, is at the top. */
  topOf(line: number): number;
}

/** Maps a scroll bar onto `count` lines of `row` pixels, however many: its two ends are their two ends. */
export function scrollingOf(count: number, row: number, view: number): Scrolling {
  const all = count * row;
  const height = Math.max(view, Math.min(all, mostPixels));
  const scale = height > view ? (all - view) / (height - view) : 0;
  return {
    height,
    lineAt: (scrollTop) => (Math.min(Math.max(0, scrollTop), height - view) * scale) / row,
    topOf: (line) => (scale === 0 ? 0 : Math.min(height - view, Math.max(0, (line * row) / scale))),
  };
}
