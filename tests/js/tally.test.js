import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { pack } from "../../survey_app/web/static/js/respond/tallies.js";
import { watch } from "../../survey_app/web/static/js/respond/tally.js";

const CODE = "482913";

/** A page, a store in memory and a clock that the test moves. */
function tabletOf(kept = new Map()) {
  const page = new EventTarget();
  let now = 1_000;
  const store = { getItem: (name) => kept.get(name) ?? null, setItem: (name, text) => void kept.set(name, text) };
  watch(page, CODE, store, () => now);
  const tell = (name, detail) => page.dispatchEvent(new CustomEvent(`survey:${name}`, { detail }));
  return {
    kept,
    wait: (seconds) => (now += seconds * 1_000),
    show: (item) => tell("step", { dataset: item ? { item } : {} }),
    touch(selector) {
      const click = new Event("click");
      Object.defineProperty(click, "target", { value: { closest: (wanted) => (wanted === selector ? {} : null) } });
      page.dispatchEvent(click);
    },
    send: () => (tell("sent", { session: CODE, language: "ti" }), tell("wiped")),
    wipe: () => tell("wiped"),
    sum: () => JSON.parse(kept.get("survey-app-tallies") ?? '{"sums":{}}').sums[CODE],
  };
}

describe("a person at the form", () => {
  it("is counted once at each question they met, however often they came back to it", () => {
    const tablet = tabletOf();
    for (const item of ["helpful", "age", "helpful", "age", ""]) {
      tablet.show(item);
      tablet.wait(2);
    }
    tablet.send();
    assert.deepEqual(tablet.sum(), { finished: 1, "helpful met": 1, "age met": 1 });
  });

  for (const [seconds, found] of [[2.9, "quick"], [3, undefined], [30, undefined], [30.1, "long"]]) {
    it(`that needs ${seconds} seconds is ${found ?? "as most are"}`, () => {
      const tablet = tabletOf();
      tablet.show("helpful");
      tablet.wait(seconds);
      tablet.send();
      const names = found ? [`helpful ${found}`] : [];
      assert.deepEqual(Object.keys(tablet.sum()), ["finished", "helpful met", ...names]);
    });
  }

  for (const [times, found] of [[0, []], [1, ["helpful replayed-once"]], [2, ["helpful replayed-more"]], [9, ["helpful replayed-more"]]]) {
    it(`that listens again ${times} times is in one class`, () => {
      const tablet = tabletOf();
      tablet.touch("[data-action=replay]"); // before the first question: not counted
      tablet.show("helpful");
      tablet.wait(5);
      for (let time = 0; time < times; time++) {
        tablet.touch("[data-action=replay]");
      }
      tablet.touch("[data-action=next]");
      tablet.send();
      assert.deepEqual(Object.keys(tablet.sum()), ["finished", "helpful met", ...found]);
    });
  }

  it("that leaves at a question is counted there and nowhere else", () => {
    const tablet = tabletOf();
    tablet.show("helpful");
    tablet.touch("[data-action=replay]");
    tablet.wait(60);
    tablet.show("age");
    tablet.wipe();
    tablet.wipe(); // the page is hidden after it was left
    assert.deepEqual(tablet.sum(), { "age left": 1 });
  });

  it("that leaves before the first question, or goes after sending, is not counted", () => {
    const tablet = tabletOf();
    tablet.show("");
    tablet.wipe();
    assert.equal(tablet.sum(), undefined);
    tablet.show("helpful");
    tablet.wait(5);
    tablet.show("");
    tablet.send();
    tablet.wipe();
    assert.deepEqual(tablet.sum(), { finished: 1, "helpful met": 1 });
  });

  it("adds to those before and leaves nothing of its own", () => {
    const tablet = tabletOf();
    for (let person = 0; person < 3; person++) {
      tablet.show("helpful");
      tablet.wait(5);
      tablet.send();
    }
    assert.deepEqual(tablet.sum(), { finished: 3, "helpful met": 3 });
    assert.deepEqual([...tablet.kept.keys()], ["survey-app-tallies"]);
    assert.doesNotMatch(tablet.kept.get("survey-app-tallies"), /ti|language|20\d\d-/);
  });

  it("is counted anew on the next page with what was kept before", () => {
    const first = tabletOf();
    first.show("helpful");
    first.wipe();
    const second = tabletOf(first.kept);
    second.show("helpful");
    second.wipe();
    assert.deepEqual(second.sum(), { "helpful left": 2 });
  });
});

describe("sums", () => {
  const draw = () => "0b6a1f0e-8f0c-4c53-9a41-5f2b8b3c9d10";
  const sumOf = (finished, left = 0) => ({ finished, "helpful met": finished, "age left": left });
  const pack_ = (sum, isOver) => pack({ sums: { [CODE]: sum }, batches: [] }, () => isOver, draw);

  it("wait while their group goes on and they are of fewer than five people", () => {
    const tallies = pack_(sumOf(3, 1), false);
    assert.deepEqual(tallies, { sums: { [CODE]: sumOf(3, 1) }, batches: [] });
  });

  it("are sent once five people are in them", () => {
    const { sums, batches } = pack_(sumOf(4, 1), false);
    assert.deepEqual(sums, {});
    const body = { finished: 4, items: { helpful: { met: 4 }, age: { left: 1 } } };
    assert.deepEqual(batches, [{ id: draw(), session: CODE, body: JSON.stringify(body) }]);
  });

  it("are sent when their group is over, but never of one person alone", () => {
    assert.equal(pack_(sumOf(1, 1), true).batches.length, 1);
    assert.deepEqual(pack_(sumOf(1), true), { sums: {}, batches: [] });
    assert.deepEqual(pack_({ "age left": 1 }, true), { sums: {}, batches: [] });
  });

  it("keep the batches that wait", () => {
    const waiting = { id: "1", session: CODE, body: "{}" };
    assert.deepEqual(pack({ sums: {}, batches: [waiting] }, () => true, draw).batches, [waiting]);
  });
});
