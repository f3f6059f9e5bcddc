/** The browser's storage, or a stand-in for this page where it is refused. */
export function safeStorage(
  kind: 'localStorage' | 'sessionStorage' = 'localStorage',
): Pick<Storage, 'getItem' | 'setItem'> {
  const memory = new Map<string, string>();
  return {
    getItem(name) {
      const here = memory.get(name);
      if (here !== undefined) return here;
      try {
        return globalThis[kind].getItem(name);
      } catch {
        return null;
      }
    },
    setItem(name, value) {
      try {
        globalThis[kind].setItem(name, value);
        memory.delete(name);
      } catch {
        memory.set(name, value);
      }
    },
  };
}
