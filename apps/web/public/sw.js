/**
 * Keeps the shell of the client, so that it opens without a network: the page and the assets that are named by their
 * content. Everything else, all that a server says above all, passes by and is never kept.
 */
const cacheName = 'om-shell';
const page = '/';

self.addEventListener('install', (event) => {
  event.waitUntil(self.skipWaiting());
});
self.addEventListener('activate', (event) => {
  event.waitUntil(self.clients.claim());
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== self.location.origin) return;
  if (request.mode === 'navigate') event.respondWith(newestPage(request));
  else if (pathname.startsWith('/assets/')) event.respondWith(asset(request));
});

/** From the network whenever there is one: a new version is never hidden by the one that is kept. */
async function newestPage(request) {
  const cache = await caches.open(cacheName);
  try {
    const response = await fetch(request);
    if (response.ok) await keepPage(cache, response.clone());
    return response;
  } catch (error) {
    const kept = await cache.match(page);
    if (kept) return kept;
    throw error;
  }
}

/** Another version of the page has other assets: those of the last one go. */
async function keepPage(cache, response) {
  const kept = await cache.match(page);
  if (kept && assetsOf(await kept.text()) !== assetsOf(await response.clone().text())) await caches.delete(cacheName);
  const now = await caches.open(cacheName);
  await now.put(page, response);
}

const assetsOf = (html) => (html.match(/\/assets\/[\w.-]+/g) ?? []).join();

async function asset(request) {
  const cache = await caches.open(cacheName);
  const kept = await cache.match(request, { ignoreVary: true });
  if (kept) return kept;
  const response = await fetch(request);
  if (response.ok) await cache.put(request, response.clone());
  return response;
}
