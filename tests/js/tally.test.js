import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { keepShare, pack } from "../../survey_app/web/static/js/respond/tallies.js";
import { watch } from "../../survey_app/web/static/js/respond/tally.js";

const CODE = "482913";

/** A page, what is kept of its people (not sealed here), and a clock that the test moves. */
function tabletOf(kept = []) {
  const page = new EventTarget();
  let now = 1_000;
  watch(page, async (body) => () => void kept.push(JSON.parse(body)), () => now);
  const tell = (name, detail) => page.dispatchEvent(new CustomEvent(`survey:${name}`, { detail }));
  const sealed = () => new Promise((resolve) => setImmediate(resolve));
  return {
    kept,
    wait: (seconds) => (now += seconds * 1_000),
    show: (item) => (tell("step", { dataset: item ? { item } : {} }), sealed()),
    hurryTo: (item) => tell("step", { dataset: { item } }),
    touch(selector) {
      const click = new Event("click");
      Object.defineProperty(click, "target", { value: { closest: (wanted) => (wanted === selector ? {} : null) } });
      page.dispatchEvent(click);
    },
    send: () => (tell("sent", { session: CODE, language: "ti" }), tell("wiped"), sealed()),
    wipe: () => tell("wiped"),
  };
}

describe("a person at the form", () => {
  it("is counted once at each question they met, however often they came back to it", async () => {
    const tablet = tabletOf();
    for (const item of ["helpful", "age", "helpful", "age", ""]) {
      await tablet.show(item);
      tablet.wait(2);
    }
    await tablet.send();
    assert.deepEqual(tablet.kept, [{ finished: 1, items: { helpful: { met: 1 }, age: { met: 1 } } }]);
  });

  for (const [seconds, found] of [[2.9, "quick"], [3, undefined], [30, undefined], [30.1, "long"]]) {
    it(`that needs ${seconds} seconds is ${found ?? "as most are"}`, async () => {
      const tablet = tabletOf();
      await tablet.show("helpful");
      tablet.wait(seconds);
      await tablet.send();
      assert.deepEqual(tablet.kept[0].items, { helpful: { met: 1, ...(found ? { [found]: 1 } : {}) } });
    });
  }

  for (const [times, found] of [[0, {}], [1, { "replayed-once": 1 }], [2, { "replayed-more": 1 }], [9, { "replayed-more": 1 }]]) {
    it(`that listens again ${times} times is in one class`, async () => {
      const tablet = tabletOf();
      tablet.touch("[data-action=replay]"); // before the first question: not counted
      await tablet.show("helpful");
      tablet.wait(5);
      for (let time = 0; time < times; time++) {
        tablet.touch("[data-action=replay]");
      }
      tablet.touch("[data-action=next]");
      await tablet.send();
      assert.deepEqual(tablet.kept[0].items, { helpful: { met: 1, ...found } });
    });
  }

  it("that leaves at a question is counted there and nowhere else, once, before the page is gone", async () => {
    const tablet = tabletOf();
    await tablet.show("helpful");
    tablet.touch("[data-action=replay]");
    tablet.wait(60);
    await tablet.show("age");
    tablet.wipe();
    tablet.wipe(); // the page is hidden after it was left
    assert.deepEqual(tablet.kept, [{ finished: 0, items: { age: { left: 1 } } }]);
  });

  it("that leaves before anything is sealed is not counted, and never at another question", async () => {
    const tablet = tabletOf();
    await tablet.show("helpful");
    tablet.hurryTo("age");
    tablet.wipe();
    assert.deepEqual(tablet.kept, []);
  });

  it("that leaves before the first question, or goes after sending, is not counted", async () => {
    const tablet = tabletOf();
    await tablet.show("");
    tablet.wipe();
    assert.deepEqual(tablet.kept, []);
    await tablet.show("helpful");
    tablet.wait(5);
    await tablet.show("");
    await tablet.send();
    tablet.wipe();
    assert.deepEqual(tablet.kept, [{ finished: 1, items: { helpful: { met: 1 } } }]);
  });

  it("leaves nothing of its own to the next one", async () => {
    const tablet = tabletOf();
    for (let person = 0; person < 3; person++) {
      await tablet.show("helpful");
      tablet.wait(5);
      await tablet.send();
    }
    assert.deepEqual(tablet.kept, Array(3).fill({ finished: 1, items: { helpful: { met: 1 } } }));
  });

  it("is not counted where nothing can be sealed", async () => {
    const page = new EventTarget();
    watch(page, () => Promise.reject(new Error("no WebCrypto")), () => 0);
    for (const name of ["step", "sent", "wiped"]) {
      page.dispatchEvent(new CustomEvent(`survey:${name}`, { detail: { dataset: { item: "helpful" } } }));
    }
    await new Promise((resolve) => setImmediate(resolve)); // no rejection is left unhandled
  });
});

describe("shares", () => {
  const draw = () => "0b6a1f0e-8f0c-4c53-9a41-5f2b8b3c9d10";
  const some = (people) => Array.from({ length: people }, (_, id) => ({ id: `${id}`, key: "k", sealed: "AAAA" }));
  const packed = (people, isOver) => pack({ shares: { [CODE]: some(people) }, batches: [] }, () => isOver, draw);

  it("wait while their group goes on and they are of fewer than five people", () => {
    assert.deepEqual(packed(4, false), { shares: { [CODE]: some(4) }, batches: [] });
  });

  it("are sent once there are five", () => {
    assert.deepEqual(packed(5, false), { shares: {}, batches: [{ id: draw(), session: CODE, shares: some(5) }] });
  });

  it("are sent when their group is over, but never of one person alone", () => {
    assert.equal(packed(2, true).batches.length, 1);
    assert.deepEqual(packed(1, true), { shares: {}, batches: [] });
  });

  for (const people of [24, 25, 44, 45, 49, 100, 101]) {
    it(`of ${people} people are never sent in a batch of too few or too many`, () => {
      const found = packed(people, false).batches.map(({ shares }) => shares.length);
      assert.equal(found.reduce((sum, each) => sum + each, 0), people);
      assert.ok(found.every((each) => each >= 5 && each <= 24), `${found}`);
    });
  }

  it("keep the batches that wait", () => {
    const waiting = { id: "1", session: CODE, shares: some(5) };
    assert.deepEqual(pack({ shares: {}, batches: [waiting] }, () => true, draw).batches, [waiting]);
  });

  it("lie in the order of their ids, not of their people", () => {
    const kept = new Map();
    const store = { getItem: (name) => kept.get(name) ?? null, setItem: (name, text) => void kept.set(name, text) };
    for (const id of ["c", "a", "b"]) {
      keepShare(store, CODE, { id, key: "k", sealed: "AAAA" });
    }
    const { shares } = JSON.parse(kept.get("survey-app-shares"));
    assert.deepEqual(shares[CODE].map(({ id }) => id), ["a", "b", "c"]);
  });
});
