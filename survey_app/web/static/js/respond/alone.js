/**
 * Alone: one round of sending at a time on this tablet, in whichever tab or worker.
 *
 * A round that finds another one under way asks again instead of queueing: a browser that puts a page with a lock away for
 * its "back" button (Chromium 156) does not call the next one in the queue, and nothing would be sent until it is closed.
 */

const AGAIN = 25; // milliseconds

/** @template T @param {() => Promise<T>} round @returns {Promise<T>} what the round returns; rejects as it does */
export async function alone(round) {
  if (!navigator.locks) {
    return round();
  }
  for (;;) {
    const mine = await navigator.locks.request("survey-app-outbox", { ifAvailable: true }, async (lock) =>
      lock ? { result: await round() } : undefined,
    );
    if (mine) {
      return mine.result;
    }
    await new Promise((resolve) => setTimeout(resolve, AGAIN));
  }
}
