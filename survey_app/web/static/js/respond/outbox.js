/**
 * Outbox: responses that wait on this device, in IndexedDB. The only file that knows it.
 * The database is opened for each act and closed after it: tablets short of memory close it behind our back.
 *
 * @typedef {import("./delivery.js").Kept} Kept
 */

const STORE = "responses";

/** @returns {Promise<IDBDatabase>} */
function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open("survey-app-outbox", 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "id" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error("The outbox is in use by an older page."));
  });
}

/**
 * Do one act in one transaction; resolve once it is on the disk.
 *
 * @template T
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest<T>} act
 * @returns {Promise<T>}
 */
async function within(mode, act) {
  const database = await open();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode, { durability: "strict" });
      const request = act(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
      transaction.onerror = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

/** @type {import("./delivery.js").Outbox} */
export const outbox = {
  async put(kept) {
    await within("readwrite", (store) => store.put(kept));
  },
  list() {
    return within("readonly", (store) => /** @type {IDBRequest<Kept[]>} */ (store.getAll()));
  },
  async remove(id) {
    await within("readwrite", (store) => store.delete(id));
  },
};
