/**
 * Comment delivery: when what somebody said leaves the tablet, and when the tablet forgets it. A comment never travels
 * with a response: it waits for a random while first, so that the two do not arrive one after the other. This module never
 * touches the document, the database or the clock: they are arguments.
 *
 * @typedef {object} KeptComment One comment that waits on this device, sealed. Its id is its own.
 * @property {string} id
 * @property {string} session
 * @property {string} key id of the server's key
 * @property {string} sealed base64url
 * @property {number} due milliseconds since 1970 before which it stays here
 *
 * @typedef {{id: string, session: string, type: string, body: string | Uint8Array<ArrayBuffer>}} ReadableComment One as it
 *   is: in memory only, never stored.
 *
 * @typedef {object} CommentBox
 * @property {(kept: KeptComment) => Promise<void>} put
 * @property {() => Promise<KeptComment[]>} list
 * @property {(id: string) => Promise<void>} remove
 */

import { SEALED, isSettled, put, verdictOf } from "./delivery.js";

const MINUTE = 60_000;
const SHORTEST_WAIT = MINUTE;
const LONGEST_WAIT = 6 * MINUTE;
const RETRY = 2 * MINUTE;
/** Words that the server does not take do not stay for ever on a tablet that many hands hold. */
const LONGEST_STAY = 30 * 24 * 60 * MINUTE;

/**
 * Draw the moment at which a comment may leave.
 *
 * @param {number} now
 * @param {number} random from 0 to 1
 */
export function drawMoment(now, random) {
  return now + SHORTEST_WAIT + random * (LONGEST_WAIT - SHORTEST_WAIT);
}

/**
 * Send the comments whose moment has come. One that the server refuses for good is forgotten: a recorded voice is no
 * figure that anybody could still set right. So is one that it does not take for a month; where only this tablet's clock
 * says so, and no server of ours, it stays.
 *
 * @param {CommentBox} box
 * @param {(kept: KeptComment) => Promise<import("./delivery.js").Reply>} send rejects where there is no connection
 * @param {number} now
 * @returns {Promise<number | undefined>} milliseconds until another look is worth it; nothing where none waits
 */
export async function sendDue(box, send, now) {
  let next = Infinity;
  for (const kept of await box.list()) {
    const wait = kept.due - now;
    if (wait > 0 && wait <= LONGEST_WAIT) {
      next = Math.min(next, wait);
      continue;
    }
    const verdict = await verdictOf(send(kept), kept.id);
    if (isSettled(verdict) || (verdict !== "wait" && -wait > LONGEST_STAY)) {
      await box.remove(kept.id);
    } else {
      next = Math.min(next, RETRY);
    }
  }
  return next === Infinity ? undefined : next;
}

/** Put one comment to the server, sealed or not: sound is long, and networks are slow. @param {KeptComment | ReadableComment} kept */
export const putComment = (kept) =>
  put("sealed" in kept ? { ...kept, body: envelope(kept), type: SEALED } : kept, "comments", MINUTE);

/** @param {Pick<KeptComment, "key" | "sealed">} kept */
const envelope = ({ key, sealed }) => JSON.stringify({ key, sealed });
