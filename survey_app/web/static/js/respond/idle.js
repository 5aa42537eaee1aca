/**
 * Idle: a form that nobody touches is asked about, then given up. This module never touches the document.
 *
 * @typedef {object} Clock
 * @property {() => number} now milliseconds
 * @property {(act: () => void, milliseconds: number) => number} after
 * @property {(timer: number) => void} cancel
 */

/** Seconds in which the question "Are you still there?" can be answered. */
const ASKING = 20;

/**
 * Watch over a form.
 *
 * @param {number} seconds without a touch until it is given up
 * @param {{ask: () => void, giveUp: () => void}} acts
 * @param {Clock} clock
 */
export function watchIdle(seconds, acts, clock) {
  let touched = clock.now();
  /** @type {number | undefined} */
  let timer;

  const look = () => {
    const idle = (clock.now() - touched) / 1000;
    if (idle >= seconds) {
      acts.giveUp();
      return;
    }
    const asking = idle >= seconds - ASKING;
    if (asking) {
      acts.ask();
    }
    wait(asking ? seconds - idle : seconds - ASKING - idle);
  };
  /** @param {number} pause seconds */
  const wait = (pause) => {
    if (timer !== undefined) {
      clock.cancel(timer);
    }
    timer = clock.after(look, Math.max(pause, 0.05) * 1000);
  };

  wait(seconds - ASKING);
  return {
    /** Someone touched the tablet. */
    touch() {
      touched = clock.now();
      wait(seconds - ASKING);
    },
    /** The tablet wakes up: timers may have slept. */
    look,
  };
}
