/**
 * Outbox: what waits on this device, in IndexedDB; responses are sealed. The only file that knows it.
 * The database is opened for each act and closed after it: tablets short of memory close it behind our back.
 *
 * Responses and comments lie in databases of their own: nothing joins them, and the one with responses never has to change
 * its version, so that a page that is older than the tablet's newest still finds what it kept.
 *
 * @typedef {import("./delivery.js").Kept} Kept
 * @typedef {import("./comment-delivery.js").KeptComment} KeptComment
 */

const DATABASES = { responses: "survey-app-outbox", comments: "survey-app-comments" };

/** @typedef {keyof typeof DATABASES} Store */

/** @param {Store} name @returns {Promise<IDBDatabase>} */
function open(name) {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASES[name], 1);
    request.onupgradeneeded = () => request.result.createObjectStore(name, { keyPath: "id" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error("The outbox is in use by an older page."));
  });
}

/**
 * Do one act in one transaction; resolve once it is on the disk.
 *
 * @template T
 * @param {Store} name
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest<T>} act
 * @returns {Promise<T>}
 */
async function within(name, mode, act) {
  const database = await open(name);
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(name, mode, { durability: "strict" });
      const request = act(transaction.objectStore(name));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
      transaction.onerror = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

/** @template T @param {Store} name */
const boxOf = (name) => ({
  /** @param {T} kept */
  async put(kept) {
    await within(name, "readwrite", (store) => store.put(kept));
  },
  list: () => within(name, "readonly", (store) => /** @type {IDBRequest<T[]>} */ (store.getAll())),
  /** @param {string} id */
  async remove(id) {
    await within(name, "readwrite", (store) => store.delete(id));
  },
});

/** @type {import("./delivery.js").Outbox} */
export const outbox = boxOf("responses");

/** @type {import("./comment-delivery.js").CommentBox} */
export const commentBox = boxOf("comments");
