/**
 * Tallies: sums of how people understood the form, sent between two people.
 *
 * What a tablet counts of one person is in memory until they send or leave (tally.js); then it is in the sum of their
 * group: no answer, no language, no time, no order. A sum is sent once five people are in it, never beside the response
 * of the last one, or when its group is over, if there are two at least; what is of one person alone never leaves the
 * tablet. It goes under a random id of its own, so that a retry is not added twice, and the server adds it to the sum of
 * the session. Local storage, as a page that is being left can still write there.
 *
 * @typedef {Record<string, number>} Sum People by "item measure", and "finished".
 * @typedef {{id: string, session: string, body: string}} Batch
 * @typedef {{sums: Record<string, Sum>, batches: Batch[]}} Tallies
 */

import { isSettled, put, verdictOf } from "./delivery.js";
import { drawId } from "./response.js";

const KEY = "survey-app-tallies";
const ENOUGH = 5;
const FEWEST = 2;

/** @param {Sum} sum */
const countPeople = (sum) =>
  Object.entries(sum).reduce((all, [name, people]) => (/^finished$| left$/.test(name) ? all + people : all), 0);

/** Write a sum as it is sent. @param {Sum} sum */
function write(sum) {
  /** @type {Record<string, Sum>} */
  const items = {};
  for (const [name, people] of Object.entries(sum)) {
    const [item = "", measure] = name.split(" ");
    if (measure) {
      (items[item] ??= {})[measure] = people;
    }
  }
  return JSON.stringify({ finished: sum.finished ?? 0, items });
}

/**
 * Make batches of the sums that may be sent; forget what never may.
 *
 * @param {Tallies} tallies
 * @param {(session: string) => boolean} isOver
 * @param {() => string} draw
 * @returns {Tallies}
 */
export function pack({ sums, batches }, isOver, draw) {
  /** @type {Tallies} */
  const packed = { sums: {}, batches: [...batches] };
  for (const [session, sum] of Object.entries(sums)) {
    if (countPeople(sum) >= (isOver(session) ? FEWEST : ENOUGH)) {
      packed.batches.push({ id: draw(), session, body: write(sum) });
    } else if (!isOver(session)) {
      packed.sums[session] = sum;
    }
  }
  return packed;
}

/** @returns {Tallies} */
const load = () => JSON.parse(localStorage.getItem(KEY) ?? '{"sums":{},"batches":[]}');

/** Keep all in one act. @param {Tallies} tallies */
const save = (tallies) => localStorage.setItem(KEY, JSON.stringify(tallies));

/** Send all that may be sent; what does not get through waits for the next time. @param {(session: string) => boolean} isOver */
export async function sendTallies(isOver) {
  const packed = pack(load(), isOver, () => drawId(crypto));
  save(packed);
  for (const batch of packed.batches) {
    if (isSettled(await verdictOf(put(batch, "tallies"), batch.id))) {
      const { sums, batches } = load();
      save({ sums, batches: batches.filter(({ id }) => id !== batch.id) });
    }
  }
}
