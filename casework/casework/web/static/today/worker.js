// The service worker of the page of today: it keeps the page and its files, and nothing of what they show.
// What is kept is told above by the server: the release, and its files.

(() => {
  const worker = /** @type {any} */ (self);
  /** @type {{release: string, files: string[]}} */
  const { release, files } = worker.KEPT;
  const PAGE = "/desk/today";
  const NAME = `kmzb-today-${release}`;

  worker.addEventListener("install", (/** @type {any} */ event) => {
    const kept = caches.open(NAME).then((cache) => cache.addAll([...files, PAGE]));
    event.waitUntil(kept.then(() => worker.skipWaiting()));
  });

  worker.addEventListener("activate", (/** @type {any} */ event) => {
    event.waitUntil(forgetOthers().then(() => worker.clients.claim()));
  });

  worker.addEventListener("fetch", (/** @type {any} */ event) => {
    const address = new URL(event.request.url);
    if (event.request.method !== "GET" || address.origin !== location.origin) return;
    if (event.request.mode === "navigate" && address.pathname === PAGE) event.respondWith(newest(event.request));
    else if (address.pathname.startsWith("/static/")) event.respondWith(keptFirst(event.request));
  });

  async function forgetOthers() {
    const names = (await caches.keys()).filter((name) => name.startsWith("kmzb-today-") && name !== NAME);
    await Promise.all(names.map((name) => caches.delete(name)));
  }

  /** @param {Request} request */
  async function newest(request) {
    try {
      const answer = await fetch(request);
      if (answer.ok) await (await caches.open(NAME)).put(PAGE, answer.clone());
      return answer;
    } catch {
      return (await caches.match(PAGE)) ?? Response.error();
    }
  }

  /** @param {Request} request */
  async function keptFirst(request) {
    return (await caches.match(request)) ?? fetch(request);
  }
})();
