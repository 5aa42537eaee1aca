import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { digitOf, press } from "../../survey_app/web/static/js/console/keys.js";
import { compare, makeStack } from "../../survey_app/web/static/js/console/stack.js";

const SCALE = { several: false, keys: { 1: "a-lot", 2: "a-little", 7: "not-understood", 0: "" }, alone: new Set(["7", "0"]) };
const CHANGE = { several: true, keys: { 1: "more", 2: "slower", 7: "not-understood", 0: "" }, alone: new Set(["7", "0"]) };

/** @param {string} id */
const paper = (id, marks = { helpful: ["1"] }, language = "fr") => ({ id, language, marks });

describe("a key while a paper is keyed in", () => {
  it("is a digit by its place: a Belgian keyboard needs no Shift, a number pad no Num Lock, a telephone no place", () => {
    const pressed = [
      { code: "Digit1", key: "&" },
      { code: "Numpad4", key: "ArrowLeft" },
      { code: "", key: "9" },
      { code: "KeyA", key: "a" },
      { code: "", key: "Enter" },
    ];
    assert.deepEqual(pressed.map(digitOf), ["1", "4", "9", null, null]);
  });

  it("answers a question with one answer and goes on", () => {
    assert.deepEqual(press(SCALE, ["1"], "2"), { marked: ["2"], goes: "on" });
    assert.deepEqual(press(SCALE, [], "0"), { marked: ["0"], goes: "on" });
  });

  it("marks and unmarks one of several answers and stays; off the scale it stands alone and goes on", () => {
    assert.deepEqual(press(CHANGE, ["1"], "2"), { marked: ["1", "2"], goes: "nowhere" });
    assert.deepEqual(press(CHANGE, ["1", "2"], "1"), { marked: ["2"], goes: "nowhere" });
    assert.deepEqual(press(CHANGE, ["0"], "1"), { marked: ["1"], goes: "nowhere" });
    assert.deepEqual(press(CHANGE, ["1", "2"], "7"), { marked: ["7"], goes: "on" });
  });

  it("means nothing where no box has this digit", () => {
    assert.equal(press(SCALE, [], "5"), null);
  });
});

describe("a stack keyed in once", () => {
  it("sends a paper when the next one is done, and the last one at the end", () => {
    const stack = makeStack();
    stack.complete(paper("a"));
    assert.equal(stack.next(), undefined);
    stack.complete(paper("b"));
    assert.equal(stack.next()?.id, "a");
    stack.finish();
    stack.forget("a");
    assert.equal(stack.next()?.id, "b");
    stack.forget("b");
    assert.deepEqual([stack.next(), stack.state.unsent, stack.state.entered], [undefined, 0, 2]);
  });

  it("gives the last paper back before it is sent, and none that is sent", () => {
    const stack = makeStack();
    stack.complete(paper("a"));
    stack.complete(paper("b", { helpful: ["2"] }));
    assert.deepEqual(stack.takeBack(), { helpful: ["2"] });
    assert.equal(stack.takeBack(), null);
    assert.equal(stack.state.entered, 1);
  });

  it("keeps what did not arrive", () => {
    const stack = makeStack();
    for (const id of ["a", "b", "c"]) stack.complete(paper(id));
    assert.deepEqual([stack.next()?.id, stack.state.unsent], ["a", 3]);
  });
});

describe("a stack keyed in twice", () => {
  const twice = () => {
    const stack = makeStack();
    stack.choose(true);
    stack.complete(paper("a"));
    stack.complete(paper("b", { helpful: ["2"] }));
    return stack;
  };

  it("sends nothing before the second pass agrees", () => {
    const stack = twice();
    stack.finish();
    assert.equal(stack.next(), undefined);
    assert.deepEqual(stack.complete(paper("x")), []);
    assert.equal(stack.next(), undefined);
    assert.deepEqual(stack.complete(paper("y", { helpful: ["2"] })), []);
    assert.deepEqual([stack.next()?.id, stack.state.unsent, stack.state.pass], ["a", 2, "once"]);
  });

  it("names the questions that differ, and keeps what staff press after they looked", () => {
    const stack = twice();
    stack.finish();
    assert.deepEqual(stack.complete(paper("x", { helpful: ["3"] })), ["helpful"]);
    assert.equal(stack.state.place, 0);
    assert.deepEqual(stack.complete(paper("x", { helpful: ["3"] }), true), []);
    stack.complete(paper("y", { helpful: ["2"] }));
    assert.deepEqual(stack.next(), paper("a", { helpful: ["3"] }));
  });

  it("goes one paper back without showing what was pressed, and begins only with an empty stack", () => {
    const stack = twice();
    stack.choose(false);
    assert.equal(stack.state.pass, "first");
    stack.finish();
    assert.equal(stack.takeBack(), null);
    stack.complete(paper("x"));
    assert.deepEqual(stack.takeBack(), {});
    assert.equal(stack.state.place, 0);
  });

  it("compares marks in any order, and the language", () => {
    assert.deepEqual(compare(paper("a", { q: ["1", "2"] }), paper("b", { q: ["2", "1"] })), []);
    assert.deepEqual(compare(paper("a"), paper("b", { helpful: ["1"] }, "ar")), ["language"]);
  });
});
