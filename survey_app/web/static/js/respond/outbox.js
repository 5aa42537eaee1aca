/**
 * Outbox: what waits on this device, in IndexedDB; responses are sealed. The only file that knows it.
 * The database is opened for each act and closed after it: tablets short of memory close it behind our back.
 *
 * Responses, copies of those that the server has, and comments lie in databases of their own: nothing joins them, and the
 * one with responses never has to change its version, so that a page that is older than the tablet's newest still finds what
 * it kept.
 *
 * @typedef {import("./drain.js").Outbox} Outbox
 * @typedef {import("./drain.js").Copies} Copies
 * @typedef {import("./comment-delivery.js").CommentBox} CommentBox
 */

const DATABASES = { responses: "survey-app-outbox", copies: "survey-app-copies", comments: "survey-app-comments" };

/** Milliseconds after which a browser that does not answer is taken to refuse. */
const PATIENCE = 10_000;

const TRIES = 3;

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
 * Do one act in one transaction; resolve once it is on the disk. A database that closes in the middle is opened again: acts
 * are harmless twice.
 *
 * @template T
 * @param {Store} name
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest<T> | undefined} act
 * @returns {Promise<T | undefined>} the result of the request that it returns
 */
async function within(name, mode, act) {
  for (let tries = TRIES; ; tries -= 1) {
    try {
      return await withinOnce(name, mode, act);
    } catch (fault) {
      const reason = fault instanceof Error ? fault.name : "closed"; // without a reason where the browser closed it
      if (tries === 1 || ["QuotaExceededError", "Error"].includes(reason)) {
        throw fault; // another try makes no room and wakes no disk
      }
    }
  }
}

/**
 * @template T
 * @param {Store} name
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest<T> | undefined} act
 * @returns {Promise<T | undefined>}
 */
async function withinOnce(name, mode, act) {
  const database = await open(name);
  try {
    return await new Promise((resolve, reject) => {
      setTimeout(() => reject(new Error("The outbox does not answer.")), PATIENCE);
      const transaction = database.transaction(name, mode, { durability: "strict" });
      const request = act(transaction.objectStore(name));
      transaction.oncomplete = () => resolve(request?.result);
      transaction.onabort = () => reject(transaction.error);
      transaction.onerror = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

/** @template T @param {Store} name */
const boxOf = (name) => ({
  /** @param {T[]} kept */
  async put(...kept) {
    await within(name, "readwrite", (store) => kept.map((one) => store.put(one)).at(-1));
  },
  list: async () =>
    (await within(name, "readonly", (store) => /** @type {IDBRequest<T[]>} */ (store.getAll()))) ?? [],
  /** @param {string[]} ids */
  async remove(...ids) {
    await within(name, "readwrite", (store) => ids.map((id) => store.delete(id)).at(-1));
  },
});

/** @type {Outbox} */
export const outbox = boxOf("responses");

/** @type {Copies} */
export const copies = boxOf("copies");

/** @type {CommentBox} */
export const commentBox = boxOf("comments");
