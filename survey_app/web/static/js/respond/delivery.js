/**
 * Delivery: what a server's reply means, and when to try again. A response leaves the outbox only on a receipt that names
 * it. This module never touches the document, the database or the clock: they are arguments.
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
 * @typedef {Sealed & {shelved?: string}} Kept One response that waits on this device. `shelved`: the server refused it for
 *   good, with this code; it stays until a person has looked at it.
 *
 * @typedef {{status: number, text: string}} Reply
 * @typedef {"received" | "shelve" | "stop" | "outdated" | "wait"} Verdict `stop`: this tablet may not send any more;
 *   `outdated`: these pages are too old for the server.
 */

import { deviceHeaders } from "./device.js";

const PROTOCOL = "1";
export const SEALED = "application/vnd.survey-app.sealed+json";
const PROBLEM = "urn:survey-app:problem:";
/** @type {Record<number, Verdict>} */
const REFUSALS = {
  401: "stop", // this tablet was revoked
  403: "stop",
  404: "shelve", // no such session
  409: "shelve", // other answers under the same id
  410: "shelve", // session over
  413: "shelve",
  422: "shelve", // not an answer, or not sealed for this server
  426: "outdated",
};
const FIRST_PAUSE = 5_000;
const LONGEST_PAUSE = 300_000;

/** Read a JSON object; an empty one where there is none. @param {string} text @returns {Record<string, unknown>} */
export function readObject(text) {
  try {
    const body = JSON.parse(text);
    return typeof body === "object" && body !== null ? body : {};
  } catch {
    return {};
  }
}

/** Return the code of one of our own problems; a hotel's sign-in page and a proxy have none. @param {unknown} type */
export const codeOf = (type) =>
  typeof type === "string" && type.startsWith(PROBLEM) ? type.slice(PROBLEM.length) : "";

/** Judge a refusal: only our own server's counts, everybody else's lets what we have wait. @param {number} status @param {unknown} type @returns {Verdict} */
export const judgeRefusal = (status, type) => (codeOf(type) && REFUSALS[status]) || "wait";

/**
 * Judge a reply. HTTP 200 alone is no receipt: a hotel's sign-in page answers 200 too.
 *
 * @param {Reply} reply
 * @param {string} id
 * @returns {Verdict}
 */
export function judge({ status, text }, id) {
  const { receipt, type } = readObject(text);
  if (status === 200 || status === 201) {
    return receipt === id ? "received" : "wait";
  }
  return judgeRefusal(status, type);
}

/**
 * Judge what became of a sending: without a connection, there is nothing to do but wait.
 *
 * @param {Promise<Reply>} sending
 * @param {string} id
 * @returns {Promise<Verdict>}
 */
export const verdictOf = (sending, id) => sending.then((reply) => judge(reply, id), () => "wait");

/** Say whether nothing more can become of it: received, or refused for good. @param {Verdict} verdict */
export const isSettled = (verdict) => verdict === "received" || verdict === "shelve";

/**
 * Return the milliseconds to wait before the next round: longer each time, and never the same on two tablets.
 *
 * @param {number} rounds failed so far
 * @param {number} random from 0 to 1
 */
export function pauseAfter(rounds, random) {
  return Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** rounds) * (0.5 + random / 2);
}

/** Write what is sealed as it is handed in. @param {Omit<Sealed, "id" | "session">} kept */
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
 */
export const put = ({ id, session, body, type }, kind, patience) =>
  ask(`sessions/${session}/${kind}/${id}`, "PUT", body, type, patience);

/**
 * Ask the server's interface, as every page and worker of this tablet does.
 *
 * @param {string} path
 * @param {"GET" | "PUT" | "POST"} method
 * @param {string | Uint8Array<ArrayBuffer>} [body]
 * @param {string} [type] of the content
 * @param {number} [patience] milliseconds
 * @returns {Promise<Reply>} rejects where there is no connection
 */
export async function ask(path, method, body, type = "application/json", patience = 15_000) {
  const aborter = new AbortController();
  const timer = setTimeout(() => aborter.abort(), patience);
  try {
    const reply = await fetch(`/api/v1/${path}`, {
      method,
      headers: {
        "survey-app-protocol": PROTOCOL,
        ...(body === undefined ? {} : { "content-type": type }),
        ...(await deviceHeaders()),
      },
      ...(body === undefined ? {} : { body }),
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
