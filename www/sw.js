// Offline use. The build writes the list of files and its hash in here; the WebGPU engine and
// large or optional files are kept when they are first used, models by the engine itself.
"use strict";

const VERSION = "{{version}}";
const PRECACHE = "{{precache}}";
// Caches belong to a whole origin, which may hold this site more than once.
const PREFIX = "resilient-ai-page:" + new URL(self.registration.scope).pathname + ":";
const CACHE = PREFIX + VERSION;

// A new version waits until no page of the old one is open: that page may still need its files.
// Nobody waits for it, because the old version shows the new page all the same.
self.addEventListener("install", (event) => {
  const fill = async () => {
    const cache = await caches.open(CACHE);
    // Past the browser's own cache, so that a new version is all new.
    await cache.addAll(PRECACHE.map((url) => new Request(url, { cache: "no-cache" })));
  };
  event.waitUntil(fill());
});

self.addEventListener("activate", (event) => {
  const tidy = async () => {
    for (const name of await caches.keys()) {
      if (name.startsWith(PREFIX) && name !== CACHE) await caches.delete(name);
    }
    await self.clients.claim();
  };
  event.waitUntil(tidy());
});

// The page itself comes from the network while there is one, so that a new version is seen at
// once; what is under assets/ is named by its content and comes from the cache.
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  const scope = new URL(self.registration.scope);
  const ours = url.origin === scope.origin && url.pathname.startsWith(scope.pathname);
  if (request.method !== "GET" || !ours) return;
  const path = url.pathname.slice(scope.pathname.length);
  if (/\.safetensors(\.\d+)?$/.test(path) || request.headers.has("range")) return;
  const hashed = path.startsWith("assets/");
  event.respondWith(hashed ? cacheFirst(event) : networkFirst(event, scope));
});

async function cacheFirst(event) {
  return (await kept(event.request)) ?? fetchAndKeep(event);
}

async function networkFirst(event, scope) {
  const { request } = event;
  const other = async () =>
    (await kept(request)) ?? (request.mode === "navigate" ? kept(scope.href) : undefined);
  try {
    const response = await fetchAndKeep(event);
    // A server in trouble is no better than none.
    return response.status < 500 ? response : ((await other()) ?? response);
  } catch (offline) {
    const instead = await other();
    if (instead) return instead;
    throw offline;
  }
}

/** What this version keeps for a request. */
async function kept(request) {
  return (await caches.open(CACHE)).match(request, { ignoreSearch: true });
}

/** Fetches, and keeps a copy without holding the page up until it is written. */
async function fetchAndKeep(event) {
  const response = await fetch(event.request);
  // An address with a query is a page that is kept already, by its own address.
  const worth = response.ok && response.type === "basic" && !new URL(event.request.url).search;
  if (worth) event.waitUntil(keep(event.request, response.clone()));
  return response;
}

async function keep(request, response) {
  try {
    await (await caches.open(CACHE)).put(request, response);
  } catch (full) {
    // Without room the page still works while there is a network.
  }
}
