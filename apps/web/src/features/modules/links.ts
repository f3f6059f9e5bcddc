/** The composer with a module, and perhaps servers, filled in; it starts nothing. */
export function composerPath({ module, target }: { module: string; target?: string }): string {
  const query = new URLSearchParams({ module, ...(target === undefined ? {} : { target }) });
  return `/run?${query}`;
}
