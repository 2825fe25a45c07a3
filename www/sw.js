// Offline use. The build writes the list of files and its hash in here; the WebGPU engine and
// large or optional files are kept when they are first used, models by the engine itself.
"use strict";

const VERSION = "{{version}}";
const PRECACHE = "{{precache}}";
const PREFIX = "resilient-ai-page-";
const CACHE = PREFIX + VERSION;

self.addEventListener("install", (event) => {
  const fill = async () => {
    const cache = await caches.open(CACHE);
    // Past the browser's own cache, so that a new version is all new.
    await cache.addAll(PRECACHE.map((url) => new Request(url, { cache: "no-cache" })));
    await self.skipWaiting();
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
  if (path.endsWith(".safetensors") || request.headers.has("range")) return;
  const hashed = path.startsWith("assets/");
  event.respondWith(hashed ? cacheFirst(request) : networkFirst(request, scope));
});

async function cacheFirst(request) {
  const cached = await caches.match(request, { ignoreSearch: true });
  if (cached) return cached;
  const response = await fetch(request);
  await keep(request, response);
  return response;
}

async function networkFirst(request, scope) {
  try {
    const response = await fetch(request);
    await keep(request, response);
    return response;
  } catch (offline) {
    const cached = await caches.match(request, { ignoreSearch: true });
    if (cached) return cached;
    const page = request.mode === "navigate" && (await caches.match(scope.href));
    if (page) return page;
    throw offline;
  }
}

async function keep(request, response) {
  if (!response.ok || response.type !== "basic") return;
  try {
    const cache = await caches.open(CACHE);
    await cache.put(request, response.clone());
  } catch (full) {
    // Without room the page still works while there is a network.
  }
}
