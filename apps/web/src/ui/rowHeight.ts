/** The height of a row, as the stylesheet says for this width and density. */
export function rowHeight(): number {
  return Number.parseInt(getComputedStyle(document.documentElement).getPropertyValue('--row'), 10) || 24;
}
