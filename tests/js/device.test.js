import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";

import { readDevice } from "../../survey_app/web/static/js/respond/device.js";

const KEPT = { id: "1", name: "Blue", key: "k" };

/** A browser that closes its database under so many transactions before one succeeds. */
function closingTimes(times) {
  const database = {
    close: () => undefined,
    transaction: () => {
      times -= 1;
      if (times >= 0) {
        throw new Error("The database connection is closing.");
      }
      const transaction = { objectStore: () => ({ get: () => ({ result: KEPT }) }) };
      queueMicrotask(() => transaction.oncomplete());
      return transaction;
    },
  };
  globalThis.indexedDB = {
    open: () => {
      const opening = { result: database };
      queueMicrotask(() => opening.onsuccess());
      return opening;
    },
  };
}

describe("the key of a tablet", () => {
  afterEach(() => delete globalThis.indexedDB);

  it("is read although the browser closed its database twice", async () => {
    closingTimes(2);
    assert.deepEqual(await readDevice(), KEPT);
  });

  it("is missing, and nobody waits for ever, where the browser keeps closing it", async () => {
    closingTimes(9);
    assert.equal(await readDevice(), undefined);
  });
});
