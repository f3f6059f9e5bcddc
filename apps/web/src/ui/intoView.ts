/** As the `ref` of the current entry: on a phone a line of sections may be longer than the screen. */
export function intoView(entry: HTMLAnchorElement | null): void {
  // What it answers (a promise, in newer browsers) is no clean-up of a ref.
  entry?.scrollIntoView({ block: 'nearest', inline: 'center' });
}
