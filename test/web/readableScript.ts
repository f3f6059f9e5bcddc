/**
 * Runs in a page and gives everything that its scripts could read there: text, fields, storages, caches, and what
 * IndexedDB gives back, keys of WebCrypto as far as they let themselves be exported. Text, since tests know no DOM.
 */
export const readableScript = `(async () => {
  const texts = [document.documentElement.outerHTML, location.href, JSON.stringify(history.state)];
  texts.push(JSON.stringify(localStorage), JSON.stringify(sessionStorage), document.cookie);
  for (const input of document.querySelectorAll('input')) texts.push(input.value);
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) texts.push(request.url, await (await cache.match(request)).text());
  }
  const settled = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const show = async (value) => {
    if (value instanceof CryptoKey) {
      const key = await crypto.subtle.exportKey('jwk', value).catch(() => null);
      texts.push(key === null ? 'a ' + value.type + ' key that cannot be read' : 'a readable key: ' + JSON.stringify(key));
    } else if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) {
      texts.push(new TextDecoder('latin1').decode(value));
    } else if (typeof value === 'object' && value !== null) {
      for (const inner of Object.values(value)) await show(inner);
    } else texts.push(String(value));
  };
  for (const { name } of await indexedDB.databases()) {
    const database = await settled(indexedDB.open(name));
    for (const store of database.objectStoreNames) {
      const values = database.transaction(store).objectStore(store);
      const [keys, all] = await Promise.all([settled(values.getAllKeys()), settled(values.getAll())]);
      texts.push(String(keys));
      await show(all);
    }
    database.close();
  }
  return texts.join('\\n');
})()`;
