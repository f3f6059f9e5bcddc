/** A few values by name that stay in this browser; keys of WebCrypto can be kept here without being readable. */
export interface Box {
  get(name: string): Promise<unknown>;
  put(name: string, value: unknown): Promise<void>;
  remove(name: string): Promise<void>;
}

const store = 'kept';

/** The IndexedDB of this page; null where a browser keeps nothing (a private window, say). */
export async function openBox(databaseName = 'omanager'): Promise<Box | null> {
  try {
    const opening = indexedDB.open(databaseName, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(store);
    const database = await settled(opening);
    const within = (mode: IDBTransactionMode): IDBObjectStore => database.transaction(store, mode).objectStore(store);
    return {
      get: (name) => settled(within('readonly').get(name)),
      put: async (name, value) => void (await settled(within('readwrite').put(value, name))),
      remove: async (name) => void (await settled(within('readwrite').delete(name))),
    };
  } catch {
    return null;
  }
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
