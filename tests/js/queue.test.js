import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { BLOCKED, makeQueue } from "../../survey_app/web/static/js/respond/queue.js";

/** A player whose sounds end when the test says so. */
function studio(missing = [], fault = new Error("missing")) {
  const events = [];
  let end = () => undefined;
  const player = {
    load: (part) => (missing.includes(part) ? Promise.reject(fault) : Promise.resolve(part)),
    play: (sound) => {
      events.push(sound);
      return new Promise((resolve) => (end = resolve));
    },
    stop: () => end(),
  };
  const marks = [];
  const told = [];
  const queue = makeQueue(player, (part) => marks.push(part), (heard) => told.push(heard));
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return { queue, events, marks, told, settle, endOne: () => (end(), settle()) };
}

describe("what is spoken", () => {
  it("follows one after the other, each marked while it sounds", async () => {
    const { queue, events, marks, settle, endOne } = studio();
    queue.speak(["a", "b"]);
    await settle();
    assert.deepEqual([events, marks.at(-1)], [["a"], "a"]);
    await endOne();
    assert.deepEqual([events, marks.at(-1)], [["a", "b"], "b"]);
    await endOne();
    assert.equal(marks.at(-1), undefined);
  });

  it("gives way to a new list, also while a sound is still on its way", async () => {
    const { queue, events, settle, endOne } = studio();
    queue.speak(["a", "b"]);
    queue.speak(["c"]);
    queue.speak(["d"]);
    await settle();
    assert.deepEqual(events, ["d"]);
    await endOne();
    assert.deepEqual(events, ["d"]);
  });

  it("is not stacked by touches in quick succession", async () => {
    const { queue, events, settle } = studio();
    queue.speak(["a", "b"]);
    await settle();
    for (let touch = 0; touch < 5; touch += 1) {
      queue.speak(["c"]);
    }
    await settle();
    assert.deepEqual(events, ["a", "c"]);
  });

  it("takes a message at its end, or at once where it is quiet", async () => {
    const { queue, events, settle, endOne } = studio();
    queue.speak(["a"]);
    queue.add(["hint"]);
    await settle();
    await endOne();
    assert.deepEqual(events, ["a", "hint"]);
    await endOne();
    queue.add(["later"]);
    await settle();
    assert.deepEqual(events, ["a", "hint", "later"]);
  });

  it("goes on after a clip that is missing, and says so", async () => {
    const { queue, events, told, settle, endOne } = studio(["b"]);
    queue.speak(["a", "b", "c"]);
    await settle();
    await endOne();
    assert.deepEqual([events, told], [["a", "c"], [true, false]]);
    await endOne();
    assert.deepEqual(told, [true, false, true]);
  });

  it("ends where nothing may be played at all", async () => {
    const { queue, events, marks, told, settle } = studio(["a", "b"], BLOCKED);
    queue.speak(["a", "b", "c"]);
    await settle();
    assert.deepEqual([events, told, marks.at(-1)], [[], [false], undefined]);
  });

  it("is silent after a stop", async () => {
    const { queue, events, marks, settle } = studio();
    queue.speak(["a", "b"]);
    await settle();
    queue.stop();
    await settle();
    assert.deepEqual([events, marks.at(-1)], [["a"], undefined]);
  });
});
