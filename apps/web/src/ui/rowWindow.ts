/** Rows from `from` up to and without `to`. */
export interface RowWindow {
  readonly from: number;
  readonly to: number;
}

/** Rows beyond what is seen, on each side. */
const ahead = 8;
/** So many come and go at once. */
const block = 4;

/** The rows of `size` pixels that should exist when so much is scrolled of a window `view` high. */
export function windowAt(scrollTop: number, view: number, size: number): RowWindow {
  const first = Math.floor(Math.max(0, scrollTop) / size / block) * block;
  return { from: Math.max(0, first - ahead), to: first + Math.ceil(view / size) + block + ahead };
}
