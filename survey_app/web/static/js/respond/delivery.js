/**
 * Delivery: what to do with a server's reply, and when to try again. A response leaves the outbox only on a receipt that
 * names it. This module never touches the document, the database or the clock: they are arguments.
 *
 * @typedef {object} Sealed One response that only the server can read, and what it is bound to.
 * @property {string} id
 * @property {string} session
 * @property {string} questionnaire
 * @property {number} version
 * @property {string} key id of the server's key
 * @property {string} sealed base64url
 *
 * @typedef {{id: string, session: string, body: string}} Readable One response as it is: in memory only, never stored.
 *
 * @typedef {Sealed & {shelved?: boolean}} Kept One response that waits on this device.
 *   `shelved`: the server refused it for good; it stays until a person has looked at it.
 *
 * @typedef {object} Outbox
 * @property {(kept: Kept) => Promise<void>} put
 * @property {() => Promise<Kept[]>} list
 * @property {(id: string) => Promise<void>} remove
 *
 * @typedef {{status: number, text: string}} Reply
 * @typedef {"received" | "shelve" | "wait"} Verdict
 */

/** The server refuses these for good: other answers under the same id, session over, too large, not an answer. */
const REFUSED = new Set([409, 410, 413, 422]);
const SEALED = "application/vnd.survey-app.sealed+json";
const FIRST_PAUSE = 5_000;
const LONGEST_PAUSE = 300_000;

/**
 * Judge a reply. HTTP 200 alone is no receipt: a hotel's sign-in page answers 200 too.
 *
 * @param {Reply} reply
 * @param {string} id
 * @returns {Verdict}
 */
export function judge(reply, id) {
  if (reply.status === 200 || reply.status === 201) {
    return receiptOf(reply.text) === id ? "received" : "wait";
  }
  return REFUSED.has(reply.status) ? "shelve" : "wait";
}

/** @param {string} text */
function receiptOf(text) {
  try {
    const body = JSON.parse(text);
    return typeof body === "object" && body !== null ? body.receipt : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Judge what became of a sending: without a connection, there is nothing to do but wait.
 *
 * @param {Promise<Reply>} sending
 * @param {string} id
 * @returns {Promise<Verdict>}
 */
export const verdictOf = (sending, id) => sending.then((reply) => judge(reply, id), () => "wait");

/**
 * Send everything that waits, one after the other. The first one that cannot get through ends the round: the others
 * would fare alike.
 *
 * @param {Outbox} outbox
 * @param {(kept: Kept) => Promise<Reply>} send rejects where there is no connection
 * @returns {Promise<boolean>} whether all that can be sent is sent
 */
export async function sendAll(outbox, send) {
  for (const kept of await outbox.list()) {
    if (!kept.shelved && !(await sendOne(outbox, send, kept))) {
      return false;
    }
  }
  return true;
}

/**
 * @param {Outbox} outbox
 * @param {(kept: Kept) => Promise<Reply>} send
 * @param {Kept} kept
 */
async function sendOne(outbox, send, kept) {
  const verdict = await verdictOf(send(kept), kept.id);
  if (verdict === "received") {
    await outbox.remove(kept.id);
  } else if (verdict === "shelve") {
    await outbox.put({ ...kept, shelved: true });
  }
  return verdict !== "wait";
}

/**
 * Return the milliseconds to wait before the next round: longer each time, and never the same on two tablets.
 *
 * @param {number} rounds failed so far
 * @param {number} random from 0 to 1
 */
export function pauseAfter(rounds, random) {
  return Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** rounds) * (0.5 + random / 2);
}

/** Write what is sealed as it is handed in. @param {Sealed} kept */
const envelope = ({ key, questionnaire, version, sealed }) => JSON.stringify({ key, questionnaire, version, sealed });

/** Put one response to the server, sealed or not. @param {Sealed | Readable} kept @returns {Promise<Reply>} */
export const putResponse = (kept) =>
  put("sealed" in kept ? { ...kept, body: envelope(kept), type: SEALED } : kept, "responses");

/**
 * Put to the server what a tablet hands in under an id of its own.
 *
 * @param {{id: string, session: string, body: string | Uint8Array<ArrayBuffer>, type?: string}} kept `type`: of the content
 * @param {"responses" | "tallies" | "comments"} kind
 * @param {number} [patience] milliseconds
 * @returns {Promise<Reply>}
 */
export async function put(kept, kind, patience = 15_000) {
  const aborter = new AbortController();
  const timer = setTimeout(() => aborter.abort(), patience);
  try {
    const reply = await fetch(`/api/v1/sessions/${kept.session}/${kind}/${kept.id}`, {
      method: "PUT",
      headers: { "content-type": kept.type ?? "application/json" },
      body: kept.body,
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      signal: aborter.signal,
    });
    return { status: reply.status, text: await reply.text() };
  } finally {
    clearTimeout(timer);
  }
}
