import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { watchIdle } from "../../survey_app/web/static/js/respond/idle.js";

/** A clock that a test moves. It can sleep: time passes and no timer rings. */
function clockAt() {
  let time = 0;
  let timers = [];
  return {
    now: () => time,
    after(act, milliseconds) {
      const timer = { act, due: time + milliseconds };
      timers.push(timer);
      return timer;
    },
    cancel: (timer) => void (timers = timers.filter((one) => one !== timer)),
    sleep: (seconds) => void (time += seconds * 1000),
    pass(seconds) {
      const end = time + seconds * 1000;
      for (;;) {
        const [next] = timers.filter((one) => one.due <= end).sort((a, b) => a.due - b.due);
        if (!next) {
          break;
        }
        timers = timers.filter((one) => one !== next);
        time = Math.max(time, next.due);
        next.act();
      }
      time = end;
    },
  };
}

function watched(seconds = 90) {
  const clock = clockAt();
  const events = [];
  const acts = { ask: () => events.push(["ask", clock.now() / 1000]), giveUp: () => events.push(["give up", clock.now() / 1000]) };
  return { clock, events, idle: watchIdle(seconds, acts, clock) };
}

describe("a form that nobody touches", () => {
  it("asks 20 seconds before the end and is given up at the end, once", () => {
    const { clock, events } = watched();
    clock.pass(1_000);
    assert.deepEqual(events, [["ask", 70], ["give up", 90]]);
  });

  it("is left alone while someone touches it", () => {
    const { clock, events, idle } = watched();
    for (let minute = 0; minute < 30; minute += 1) {
      clock.pass(60);
      idle.touch();
    }
    assert.deepEqual(events, []);
  });

  it("starts anew after an answer to the question", () => {
    const { clock, events, idle } = watched();
    clock.pass(75);
    idle.touch();
    clock.pass(69);
    assert.deepEqual(events, [["ask", 70]]);
    clock.pass(21);
    assert.deepEqual(events, [["ask", 70], ["ask", 145], ["give up", 165]]);
  });

  it("is given up when the tablet wakes after a sleep", () => {
    const { clock, events, idle } = watched();
    clock.sleep(3_600);
    idle.look();
    assert.deepEqual(events, [["give up", 3_600]]);
  });
});
