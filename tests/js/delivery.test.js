import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { judge, pauseAfter, sendAll } from "../../survey_app/web/static/js/respond/delivery.js";

const A = "0b6a1f0e-8f0c-4c53-9a41-5f2b8b3c9d10";
const B = "1c6a1f0e-8f0c-4c53-9a41-5f2b8b3c9d11";

/** A store in memory in place of the device's database. */
function storeOf(...ids) {
  const kept = new Map(ids.map((id) => [id, { id, session: "482913", body: "{}" }]));
  return {
    kept,
    put: async (one) => void kept.set(one.id, one),
    list: async () => [...kept.values()],
    remove: async (id) => void kept.delete(id),
  };
}

const receiptFor = (id) => ({ status: 201, text: JSON.stringify({ receipt: id, status: "stored" }) });

describe("a reply", () => {
  it("is a receipt only where it names the response", () => {
    assert.equal(judge(receiptFor(A), A), "received");
    assert.equal(judge({ ...receiptFor(A), status: 200 }, A), "received");
    assert.equal(judge(receiptFor(B), A), "wait");
  });

  for (const text of ["", "<h1>Welcome to the hotel</h1>", "null", "7", '"yes"', "{}", "[]", `"${A}"`]) {
    it(`that says 200 and ${JSON.stringify(text)} is no receipt`, () => {
      assert.equal(judge({ status: 200, text }, A), "wait");
    });
  }

  for (const status of [409, 410, 413, 422]) {
    it(`of ${status} puts the response on the shelf`, () => assert.equal(judge({ status, text: "" }, A), "shelve"));
  }

  for (const status of [0, 301, 400, 403, 404, 408, 415, 429, 500, 502, 503, 504]) {
    it(`of ${status} lets the response wait`, () => assert.equal(judge({ status, text: "" }, A), "wait"));
  }

  it("of an error that carries a receipt is no receipt", () => {
    assert.equal(judge({ ...receiptFor(A), status: 500 }, A), "wait");
  });
});

describe("a round of sending", () => {
  it("forgets what was received and keeps what was refused", async () => {
    const store = storeOf(A, B);
    const done = await sendAll(store, async (one) => (one.id === A ? receiptFor(A) : { status: 409, text: "" }));

    assert.equal(done, true);
    assert.deepEqual([...store.kept.values()], [{ id: B, session: "482913", body: "{}", shelved: true }]);
  });

  it("ends at the first response that cannot get through, and keeps them all", async () => {
    const store = storeOf(A, B);
    const asked = [];
    const done = await sendAll(store, async (one) => {
      asked.push(one.id);
      throw new TypeError("Failed to fetch");
    });

    assert.equal(done, false);
    assert.deepEqual(asked, [A]);
    assert.equal(store.kept.size, 2);
  });

  it("does not send again what is on the shelf", async () => {
    const store = storeOf();
    await store.put({ id: A, session: "482913", body: "{}", shelved: true });

    assert.equal(await sendAll(store, () => assert.fail("sent")), true);
    assert.equal(store.kept.size, 1);
  });

  it("keeps a response whose receipt the device could not note, so that it is sent again", async () => {
    const store = { ...storeOf(A), remove: () => Promise.reject(new Error("disk full")) };
    await assert.rejects(sendAll(store, async () => receiptFor(A)));
    assert.equal(store.kept.size, 1);
  });
});

describe("the pause before the next round", () => {
  it("grows, stays under five minutes and differs between tablets", () => {
    assert.equal(pauseAfter(0, 1), 5_000);
    assert.equal(pauseAfter(0, 0), 2_500);
    assert.ok(pauseAfter(3, 0.5) > pauseAfter(2, 0.5));
    assert.equal(pauseAfter(60, 1), 300_000);
    assert.ok(Number.isFinite(pauseAfter(5_000, 1)));
  });
});
