/**
 * Device: the key by which the server knows this tablet, never a person. Kept apart from what waits, and never with it.
 *
 * @typedef {{id: string, name: string, key: string}} Device
 */

const NAME = "survey-app-device";

/** @template T @param {IDBTransactionMode} mode @param {(store: IDBObjectStore) => IDBRequest<T>} act @returns {Promise<T>} */
function within(mode, act) {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(NAME, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(NAME);
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const database = opening.result;
      try {
        const transaction = database.transaction(NAME, mode);
        const request = act(transaction.objectStore(NAME));
        transaction.oncomplete = () => (database.close(), resolve(request.result));
        transaction.onabort = () => (database.close(), reject(transaction.error));
      } catch (error) {
        reject(error); // the browser closed it meanwhile
      }
    };
  });
}

const read = () => within("readonly", (store) => store.get(NAME));

/**
 * A browser may close its database at any moment: it is opened again, twice, before a tablet counts as a stranger.
 *
 * @returns {Promise<Device | undefined>} nothing where staff never enrolled this tablet, or the browser keeps nothing
 */
export const readDevice = () => read().catch(read).catch(read).catch(() => undefined);

/** @param {Device} device */
export const keepDevice = (device) => within("readwrite", (store) => store.put(device, NAME));

/** What goes with every call to the API. @returns {Promise<Record<string, string>>} */
export async function deviceHeaders() {
  const device = await readDevice();
  return device ? { authorization: `Bearer ${device.key}` } : {};
}
