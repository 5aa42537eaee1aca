import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";

import { hide } from "../../survey_app/web/static/js/console/masking.js";
import { drawMoment, sendDue } from "../../survey_app/web/static/js/respond/comment-delivery.js";
import { MOST_SAMPLES, fromMuLaw, loudness, makeThinner, toMuLaw } from "../../survey_app/web/static/js/respond/telephone.js";

const { linear } = JSON.parse(readFileSync(new URL("../cases/telephone.json", import.meta.url), "utf8"));
const NOW = 1_800_000_000_000;
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** A store in memory in place of the device's database. */
function boxOf(...kept) {
  const box = new Map(kept.map((one) => [one.id, one]));
  return {
    ids: () => [...box.keys()],
    put: async (one) => void box.set(one.id, one),
    list: async () => [...box.values()],
    remove: async (id) => void box.delete(id),
  };
}

const comment = (id, due) => ({ id, session: "482913", type: "text/plain", body: "words", due });
const receipt = async ({ id }) => ({ status: 201, text: JSON.stringify({ receipt: id, status: "stored" }) });
const reply = (status, text = "{}") => async () => ({ status, text });

describe("a comment on a tablet", () => {
  it("leaves one to six minutes after it was made", () => {
    assert.equal(drawMoment(NOW, 0), NOW + MINUTE);
    assert.equal(drawMoment(NOW, 1), NOW + 6 * MINUTE);
  });

  it("stays until its moment has come", async () => {
    const box = boxOf(comment("a", NOW + MINUTE), comment("b", NOW + 3 * MINUTE), comment("c", NOW));
    const sent = [];
    const next = await sendDue(box, async (one) => sent.push(one.id) && receipt(one), NOW);
    assert.deepEqual(sent, ["c"]);
    assert.deepEqual(box.ids(), ["a", "b"]);
    assert.equal(next, MINUTE);
  });

  it("is forgotten on a receipt that names it, and on no other", async () => {
    const box = boxOf(comment("a", NOW));
    assert.equal(await sendDue(box, reply(200, '{"receipt":"b"}'), NOW), 2 * MINUTE);
    assert.equal(await sendDue(box, reply(200, "<h1>Welcome to the hotel</h1>"), NOW), 2 * MINUTE);
    assert.deepEqual(box.ids(), ["a"]);
    assert.equal(await sendDue(box, receipt, NOW), undefined);
    assert.deepEqual(box.ids(), []);
  });

  for (const status of [404, 409, 410, 413, 422]) {
    it(`that the server refuses for good (${status}) does not stay on a tablet that many hands hold`, async () => {
      const box = boxOf(comment("a", NOW));
      await sendDue(box, reply(status, '{"type":"urn:survey-app:problem:x"}'), NOW);
      assert.deepEqual(box.ids(), []);
    });
  }

  for (const status of [401, 404, 426, 429, 500, 503]) {
    it(`waits where it cannot be taken now (${status})`, async () => {
      const box = boxOf(comment("a", NOW));
      assert.equal(await sendDue(box, reply(status), NOW), 2 * MINUTE);
      assert.deepEqual(box.ids(), ["a"]);
    });
  }

  it("waits where there is no network, and one does not hold up the others", async () => {
    const box = boxOf(comment("a", NOW), comment("b", NOW));
    await sendDue(box, (one) => (one.id === "a" ? Promise.reject(new Error("offline")) : receipt(one)), NOW);
    assert.deepEqual(box.ids(), ["a"]);
  });

  it("that the server does not take for a month is forgotten", async () => {
    const box = boxOf(comment("a", NOW - 31 * DAY), comment("b", NOW - 29 * DAY));
    await sendDue(box, reply(401, '{"type":"urn:survey-app:problem:device-revoked"}'), NOW);
    assert.deepEqual(box.ids(), ["b"]);
  });

  it("stays, and is sent, where only the tablet's own clock says that a month is over", async () => {
    const box = boxOf(comment("a", NOW));
    const tenYearsOn = NOW + 3_652 * DAY;
    await sendDue(box, () => Promise.reject(new Error("offline")), tenYearsOn);
    await sendDue(box, reply(200, "<h1>Welcome to the hotel</h1>"), tenYearsOn);
    assert.deepEqual(box.ids(), ["a"]);
    const sent = [];
    await sendDue(box, async (one) => sent.push(one.id) && receipt(one), tenYearsOn);
    assert.deepEqual([sent, box.ids()], [["a"], []]);
  });

  it("leaves at once where the tablet's clock was put back", async () => {
    const box = boxOf(comment("a", NOW + 400 * DAY));
    await sendDue(box, receipt, NOW);
    assert.deepEqual(box.ids(), []);
  });
});

describe("sound", () => {
  it("of every byte is what the server reads", () => {
    linear.forEach((value, byte) => assert.ok(fromMuLaw(byte) * 32_768 === value));
  });

  it("comes back from its byte nearly as it was", () => {
    for (let sample = -1; sample <= 1; sample += 0.001) {
      const back = fromMuLaw(toMuLaw(sample));
      assert.ok(Math.abs(back - sample) <= 0.001 + Math.abs(sample) * 0.04, `${sample} became ${back}`);
    }
  });

  it("that is too loud is cut, not turned over", () => {
    assert.ok(fromMuLaw(toMuLaw(3)) > 0.9);
    assert.ok(fromMuLaw(toMuLaw(-3)) < -0.9);
  });

  for (const rate of [8_000, 16_000, 22_050, 44_100, 48_000, 96_000]) {
    it(`of ${rate} samples a second is thinned out to 8000, whatever the chunks`, () => {
      const thin = makeThinner(rate);
      let count = 0;
      for (let left = rate * 2; left > 0; left -= 128) {
        count += thin(new Float32Array(Math.min(128, left)).fill(0.5)).reduce((sum, sample) => {
          assert.ok(Math.abs(sample - 0.5) < 1e-6);
          return sum + 1;
        }, 0);
      }
      assert.ok(Math.abs(count - 16_000) <= 1, `${count}`);
    });
  }

  it("of a voice's pitch survives the thinning", () => {
    const thin = makeThinner(48_000);
    const tone = thin(Float32Array.from({ length: 48_000 }, (_, at) => Math.sin((2 * Math.PI * 440 * at) / 48_000)));
    const crossings = tone.filter((sample, at) => at > 0 && sample >= 0 && tone[at - 1] < 0).length;
    assert.ok(Math.abs(crossings - 440) <= 1);
  });

  it("is a minute long at most", () => assert.equal(MOST_SAMPLES, 480_000));

  it("is loud between nothing and all", () => {
    assert.equal(loudness(new Float32Array(128)), 0);
    assert.equal(loudness(new Float32Array(128).fill(1)), 1);
    assert.equal(loudness([]), 0);
  });
});

describe("hiding words", () => {
  it("puts the mask in place of what is selected, spaces apart", () => {
    assert.equal(hide("Merci à Fatima du groupe", 7, 15, "[…]"), "Merci à […] du groupe");
  });

  it("changes nothing where nothing is selected", () => {
    assert.equal(hide("Merci", 2, 2, "[…]"), "Merci");
    assert.equal(hide("a b", 1, 2, "[…]"), "a b");
  });
});
