/**
 * Tallies: how people understood the form, sent between two people.
 *
 * What a tablet counts of one person is in memory until they send or leave (tally.js); then it is a sealed share, that only
 * the server can read: no answer, no language, no time. Shares lie in the order of their random ids, which is nobody's
 * order. They are sent once there are five of a group, never beside the response of the last one, or when their group is
 * over, if there are two at least; what is of one person alone never leaves the tablet. They go under a random id, so that
 * a retry is not added twice, and the server adds them up. Local storage, as a page that is being left can still write there.
 *
 * @typedef {{id: string, key: string, sealed: string}} Share `key`: id of the server's key; `sealed`: base64url
 * @typedef {{id: string, session: string, shares: Share[]}} Batch
 * @typedef {{shares: Record<string, Share[]>, batches: Batch[]}} Tallies
 */

import { SEALED, isSettled, put, verdictOf } from "./delivery.js";
import { drawId } from "./response.js";

const KEY = "survey-app-shares";
/** What versions before this one kept, readable. */
const OLDER_KEY = "survey-app-tallies";
const ENOUGH = 5;
const FEWEST = 2;
const MOST = 20; // the last batch of a group takes up to four more

/** Divide shares so that no batch is of fewer than enough people, where there are enough. @param {Share[]} shares */
function divide(shares) {
  const batches = [];
  let rest = shares;
  while (rest.length >= MOST + ENOUGH) {
    batches.push(rest.slice(0, MOST));
    rest = rest.slice(MOST);
  }
  return [...batches, rest];
}

/**
 * Make batches of the shares that may be sent; forget what never may.
 *
 * @param {Tallies} tallies
 * @param {(session: string) => boolean} isOver
 * @param {() => string} draw
 * @returns {Tallies}
 */
export function pack({ shares, batches }, isOver, draw) {
  /** @type {Tallies} */
  const packed = { shares: {}, batches: [...batches] };
  for (const [session, some] of Object.entries(shares)) {
    if (some.length >= (isOver(session) ? FEWEST : ENOUGH)) {
      packed.batches.push(...divide(some).map((each) => ({ id: draw(), session, shares: each })));
    } else if (!isOver(session)) {
      packed.shares[session] = some;
    }
  }
  return packed;
}

/** @param {Pick<Storage, "getItem">} store @returns {Tallies} */
const load = (store) => JSON.parse(store.getItem(KEY) ?? '{"shares":{},"batches":[]}');

/** Keep all in one act. @param {Pick<Storage, "setItem">} store @param {Tallies} tallies */
const save = (store, tallies) => store.setItem(KEY, JSON.stringify(tallies));

/** Put a share to those of its session, in an order that is nobody's. @param {Pick<Storage, "getItem" | "setItem">} store @param {string} session @param {Share} share */
export function keepShare(store, session, share) {
  const tallies = load(store);
  const some = [...(tallies.shares[session] ?? []), share].sort((one, other) => (one.id < other.id ? -1 : 1));
  save(store, { ...tallies, shares: { ...tallies.shares, [session]: some } });
}

/** Send all that may be sent; what does not get through waits for the next time. @param {(session: string) => boolean} isOver */
export async function sendTallies(isOver) {
  localStorage.removeItem(OLDER_KEY);
  const packed = pack(load(localStorage), isOver, () => drawId(crypto));
  save(localStorage, packed);
  for (const { id, session, shares } of packed.batches) {
    const sending = put({ id, session, body: JSON.stringify({ shares }), type: SEALED }, "tallies");
    if (isSettled(await verdictOf(sending, id))) {
      const kept = load(localStorage);
      save(localStorage, { ...kept, batches: kept.batches.filter((batch) => batch.id !== id) });
    }
  }
}
