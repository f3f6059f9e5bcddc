/** localStorage, or a stand-in for this page where the browser refuses it. */
export function safeStorage(): Pick<Storage, 'getItem' | 'setItem'> {
  const memory = new Map<string, string>();
  return {
    getItem(name) {
      const here = memory.get(name);
      if (here !== undefined) return here;
      try {
        return localStorage.getItem(name);
      } catch {
        return null;
      }
    },
    setItem(name, value) {
      try {
        localStorage.setItem(name, value);
        memory.delete(name);
      } catch {
        memory.set(name, value);
      }
    },
  };
}
