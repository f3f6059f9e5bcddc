/** The editor of a module, or of a new one: `_new` can be no id. */
export function editorPath(id: string | null): string {
  return id === null ? '/modules/_new' : `/modules/${encodeURIComponent(id)}/edit`;
}

/** The composer with a module, and perhaps servers, filled in; it starts nothing. */
export function composerPath({ module, target }: { module: string; target?: string }): string {
  const query = new URLSearchParams({ module, ...(target === undefined ? {} : { target }) });
  return `/run?${query}`;
}
