import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { countReasons, nameFile, takeOff, writeFile } from "../../survey_app/web/static/js/respond/shelf.js";

const sealed = (id, more = {}) => ({ id, session: "482913", questionnaire: "q", version: 1, key: "k", sealed: "s", ...more });

function boxOf(...things) {
  const kept = new Map(things.map((one) => [one.id, one]));
  return {
    kept,
    put: async (...some) => some.forEach((one) => kept.set(one.id, one)),
    list: async () => [...kept.values()],
  };
}

describe("the shelf", () => {
  it("is counted by reason", () => {
    const kept = [sealed("a"), sealed("b", { shelved: "different" }), sealed("c", { shelved: "different" }), sealed("d", { shelved: "" })];
    assert.deepEqual(countReasons(kept), { different: 2 });
  });

  it("is sent again when staff ask for it", async () => {
    const outbox = boxOf(sealed("a"), sealed("b", { shelved: "no-session" }));
    await takeOff(outbox);
    assert.deepEqual((await outbox.list()).map(({ shelved }) => Boolean(shelved)), [false, false]);
    assert.equal(outbox.kept.size, 2);
  });
});

describe("the rescue file", () => {
  it("holds what waits, what is on the shelf and the copies, each once, sealed, and nothing that only this tablet notes", async () => {
    const outbox = boxOf(sealed("a"), sealed("b", { shelved: "different" }), { id: "old", session: "1", body: "readable" });
    const copies = boxOf(sealed("a", { store: "s", generation: 0, day: 1 }), sealed("c", { store: "s", generation: 0, day: 1 }));
    const { text, count } = await writeFile({ outbox, copies });

    const { format, responses } = JSON.parse(text);
    assert.equal(format, 1);
    assert.equal(count, 3);
    assert.deepEqual(responses.map(({ id }) => id).sort(), ["a", "b", "c"]);
    assert.ok(responses.every((one) => Object.keys(one).sort().join() === "id,key,questionnaire,sealed,session,version"));
    assert.equal(outbox.kept.size, 3);
  });

  it("is named after the tablet", () => {
    assert.equal(nameFile("Bleu n° 3"), "survey-app-rescue-bleu-n-3.json");
    assert.equal(nameFile("../é"), "survey-app-rescue-e.json");
    assert.equal(nameFile(undefined), "survey-app-rescue-tablet.json");
    assert.equal(nameFile("تابلت"), "survey-app-rescue-tablet.json");
  });
});
