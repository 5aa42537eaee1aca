import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { drawId, itemsOnPath, readGiven, writeResponse } from "../../survey_app/web/static/js/respond/response.js";

const ITEMS = [
  { id: "came", type: "single" },
  { id: "liked", type: "scale", ask_if: { item: "came", is_one_of: ["yes"] } },
  { id: "change", type: "several" },
];
const FORM = { questionnaire: "short", version: 1, language: "ti" };
const read = (chosen) => readGiven(ITEMS, (id) => chosen[id] ?? []);

describe("what is touched", () => {
  it("is one code, several codes, or an answer off the scale", () => {
    assert.deepEqual(read({ came: ["yes"], liked: ["no-answer"], change: ["more", "slower"] }), {
      answers: { came: "yes", change: ["more", "slower"] },
      offScale: { liked: "no-answer" },
    });
  });

  it("that is nothing stands nowhere", () => assert.deepEqual(read({}), { answers: {}, offScale: {} }));

  it("counts as an answer where a box is touched as well", () => {
    assert.deepEqual(read({ change: ["more", "not-for-me"] }), { answers: { change: ["more"] }, offScale: {} });
  });
});

describe("what is sent", () => {
  it("holds the answers on the path only, and nothing about the tablet or the time", () => {
    const sent = JSON.parse(writeResponse(FORM, ITEMS, read({ came: ["no"], liked: ["yes"], change: ["not-for-me"] })));

    assert.deepEqual(sent, {
      questionnaire: "short",
      version: 1,
      language: "ti",
      mode: "alone",
      answers: { came: "no" },
      off_scale: { change: "not-for-me" },
    });
  });

  it("follows the path as answers change", () => {
    const met = (chosen) => itemsOnPath(ITEMS, read(chosen)).map((item) => item.id);
    assert.deepEqual(met({ came: ["yes"] }), ["came", "liked", "change"]);
    assert.deepEqual(met({ came: ["not-for-me"] }), ["came", "change"]);
  });
});

describe("the id of a response", () => {
  const version4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

  it("is a random UUID where the page is secure", () => assert.match(drawId(crypto), version4));

  it("is a random UUID on plain http too", () => {
    const source = { getRandomValues: (bytes) => crypto.getRandomValues(bytes) };
    const drawn = new Set(Array.from({ length: 1_000 }, () => drawId(source)));
    assert.equal(drawn.size, 1_000);
    drawn.forEach((id) => assert.match(id, version4));
  });

  for (const byte of [0, 255]) {
    it(`keeps its form when every byte is ${byte}`, () => {
      assert.match(drawId({ getRandomValues: (bytes) => bytes.fill(byte) }), version4);
    });
  }
});
