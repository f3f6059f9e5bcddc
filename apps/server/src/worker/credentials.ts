/** Which credentials open connections may have signed in with: the server says when one is no longer good. */
export interface UsedCredentials {
  /** Connections may be made with it from now on. True when the server does not know that yet. */
  used(id: string, version: number): boolean;
  /** This version was replaced or removed: connections made with it are closed. A newer one in use meanwhile stays. */
  stale(id: string, version: number): void;
  list(): { id: string; version: number }[];
  onChange(listener: (id: string) => void): () => void;
}

const most = 5000;

export function createUsedCredentials(): UsedCredentials {
  const versions = new Map<string, number>();
  const listeners = new Set<(id: string) => void>();

  function drop(id: string): void {
    versions.delete(id);
    for (const listener of [...listeners]) listener(id);
  }

  return {
    used(id, version) {
      const before = versions.get(id);
      if (before !== undefined && before !== version) drop(id);
      // Last used stands last.
      versions.delete(id);
      versions.set(id, version);
      const [oldest] = versions.keys();
      if (versions.size > most && oldest !== undefined) drop(oldest);
      return before !== version;
    },
    stale(id, version) {
      if (versions.get(id) === version) drop(id);
    },
    list: () => [...versions].map(([id, version]) => ({ id, version })),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
