// What this device keeps: the last list, without citizens' words, and what was recorded until it is sent.

/** @typedef {import("./types.js").Kept} Kept */
/** @typedef {import("./types.js").Recorded} Recorded */

const NAME = "kmzb-today";
const CACHES = "kmzb-today-";
const LIST_MS = 24 * 3_600_000;

/** @returns {Promise<IDBDatabase>} */
function opened() {
  const asked = indexedDB.open(NAME, 1);
  asked.onupgradeneeded = () => {
    asked.result.createObjectStore("list");
    asked.result.createObjectStore("recorded", { keyPath: "key" });
  };
  return done(asked);
}

/**
 * @template T
 * @param {IDBRequest<T>} asked
 * @returns {Promise<T>}
 */
function done(asked) {
  return new Promise((resolve, reject) => {
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

/**
 * @template T
 * @param {string} name
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest<T>} ask
 * @returns {Promise<T>}
 */
async function inStore(name, mode, ask) {
  const database = await opened();
  try {
    const transaction = database.transaction(name, mode, { durability: "strict" });
    const written = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = () => reject(transaction.error);
    });
    const result = await done(ask(transaction.objectStore(name)));
    await written;
    return result;
  } finally {
    database.close();
  }
}

/** The list as it was read last; null for none, and for one older than a day, which is forgotten. */
export async function keptList() {
  /** @type {Kept | undefined} */
  const kept = await inStore("list", "readonly", (store) => store.get("list"));
  if (!kept) return null;
  if (Date.now() - kept.read < LIST_MS) return kept;
  await inStore("list", "readwrite", (store) => store.clear());
  return null;
}

/** @param {Kept} kept */
export async function keepList(kept) {
  await inStore("list", "readwrite", (store) => store.put(kept, "list"));
}

/** What is recorded and not sent, the oldest first. */
export async function recorded() {
  /** @type {Recorded[]} */
  const all = await inStore("recorded", "readonly", (store) => store.getAll());
  return all.sort((one, other) => one.checked_at.localeCompare(other.checked_at));
}

/** @param {Recorded} record */
export async function keepRecorded(record) {
  await inStore("recorded", "readwrite", (store) => store.put(record));
}

/** @param {string} key */
export async function forgetRecorded(key) {
  await inStore("recorded", "readwrite", (store) => store.delete(key));
}

/** Forget everything: the list, what was recorded, the page and its files. */
export async function forgetAll() {
  await inStore("list", "readwrite", (store) => store.clear());
  await inStore("recorded", "readwrite", (store) => store.clear());
  const names = (await caches.keys()).filter((name) => name.startsWith(CACHES));
  await Promise.all(names.map((name) => caches.delete(name)));
  const workers = await navigator.serviceWorker.getRegistrations();
  await Promise.all(workers.map((worker) => worker.unregister()));
}
