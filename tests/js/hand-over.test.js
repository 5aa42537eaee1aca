import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { addressOf, letGo, nextOnes, readOrigin, readSaid, receivedOf, take } from "../../survey_app/web/static/js/respond/hand-over.js";

const [NEWER, OLDER] = ["https://survey.local:8443", "https://192.168.1.10:8443"];
const id = (number) => `0b6a1f0e-8f0c-4c53-9a41-5f2b8b3c9d${String(number).padStart(2, "0")}`;
const sealed = (number, more = {}) => ({ id: id(number), session: "482913", questionnaire: "q", version: 1, key: "k", sealed: "AA-_", ...more });

function boxOf(...things) {
  const kept = new Map(things.map((one) => [one.id, one]));
  return {
    kept,
    put: async (...some) => some.forEach((one) => kept.set(one.id, one)),
    list: async () => [...kept.values()],
    remove: async (...ids) => ids.forEach((one) => kept.delete(one)),
  };
}

/** What arrives of what one address says to another. */
const heard = (step, told) => readSaid(new URL(addressOf(NEWER, "/tablet/fr", step, told)).hash);

describe("two addresses of one tablet", () => {
  it("understand each other", () => {
    assert.deepEqual(heard("take", { ticket: "é#%", responses: [sealed(1)] }), {
      step: "take",
      told: { ticket: "é#%", responses: [sealed(1)] },
    });
  });

  for (const hash of ["", "#enrol=token", "#take=", "#take=%", "#give=%7B%7D"]) {
    it(`hear nothing in ${hash}`, () => assert.equal(readSaid(hash), undefined));
  }

  it("hear an empty message where there is no JSON", () => assert.deepEqual(readSaid("#take=[]x"), { step: "take", told: {} }));

  it("go only to an address that is another one, and as safe", () => {
    assert.equal(readOrigin(NEWER, OLDER), NEWER);
    for (const named of [OLDER, `${NEWER}/`, `${NEWER}/path`, "http://survey.local:8443", "javascript:alert(1)", "", undefined, {}]) {
      assert.equal(readOrigin(named, OLDER), "", String(named));
    }
  });
});

describe("what waits under an older address", () => {
  it("goes some at a time, with what lies on the shelf, and without what only this address notes", async () => {
    const outbox = boxOf(...Array.from({ length: 60 }, (_, number) => sealed(number, { shelved: number ? "" : "different" })), {
      id: "old",
      session: "482913",
      body: "readable",
    });
    const some = await nextOnes(outbox);
    assert.equal(some.length, 40);
    assert.ok(some.every((one) => Object.keys(one).sort().join() === "id,key,questionnaire,sealed,session,version"));
  });

  it("is taken once, and nothing that is no sealed response", async () => {
    const outbox = boxOf(sealed(1, { shelved: "different" }));
    const junk = [null, "x", {}, sealed(3, { id: "../1" }), sealed(4, { session: "1/2" }), sealed(5, { sealed: "<" }), sealed(6, { version: "1" })];
    const ids = await take(outbox, [sealed(1), sealed(2, { more: 1 }), ...junk]);
    assert.deepEqual(ids, [id(1), id(2)]);
    assert.deepEqual([...outbox.kept.values()], [sealed(1, { shelved: "different" }), sealed(2)]);
    for (const told of [undefined, {}, "x"]) {
      assert.deepEqual(await take(outbox, told), []);
    }
  });

  it("counts as received once it has left the outbox of the newer address", async () => {
    assert.deepEqual(await receivedOf(boxOf(sealed(1)), [id(1), id(2)]), [id(2)]);
  });

  it("is let go when it is named, and stays as a copy", async () => {
    const boxes = { outbox: boxOf(sealed(1), sealed(2)), copies: boxOf() };
    assert.equal(await letGo(boxes, [id(1), id(9)], 10 * 86_400_000), 1);
    assert.deepEqual([...boxes.outbox.kept.keys()], [id(2)]);
    assert.deepEqual([...boxes.copies.kept.values()], [sealed(1, { store: "", generation: 0, day: 10 })]);
    for (const told of [undefined, "x", [], [null]]) {
      assert.equal(await letGo(boxes, told, 0), 0);
    }
  });

  it("is not let go where no copy can be kept", async () => {
    const boxes = { outbox: boxOf(sealed(1)), copies: { put: () => Promise.reject(new Error("no room")) } };
    await assert.rejects(letGo(boxes, [id(1)], 0));
    assert.equal(boxes.outbox.kept.size, 1);
  });
});
