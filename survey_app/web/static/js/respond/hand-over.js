/**
 * Hand-over: what waits under an older address of the laptop goes to its newer one, on the same tablet and without a network
 * between them. A browser keeps nothing in common for two addresses, but it goes from one to the other: some responses at a
 * time, still sealed, stand behind # in the address, which browsers send to nobody, and which leaves the address at once.
 *
 * 1. the newer address leads to the older one with `offer`: where to, and a ticket that it drew for this way;
 * 2. once staff said so there, the older one comes back with `take`: the ticket, and some responses;
 * 3. the newer one hands them in, and comes back with `taken`: the ids of those for which it has a receipt. The older one
 *    keeps these as copies, so that a receipt that was none loses nothing, and goes on with the next ones.
 *
 * Nobody else can take part: the ticket is known to the newer address only, the ids to both. This module never touches the
 * document or the database: they are arguments.
 *
 * @typedef {import("./delivery.js").Sealed} Sealed
 * @typedef {import("./drain.js").Outbox} Outbox
 * @typedef {import("./drain.js").Copies} Copies
 * @typedef {"offer" | "take" | "taken"} Step
 * @typedef {{step: Step, told: Record<string, unknown>}} Said
 */

import { readObject } from "./delivery.js";
import { toHandIn } from "./drain.js";

const STEP = /^#(offer|take|taken)=(.+)$/;
/** As many as every browser takes in an address: some 70 kB. */
const MOST_AT_ONCE = 40;
const DAY = 86_400_000;
const ID = /^[0-9a-f-]{36}$/;
const CODE = /^\d{6}$/;
const SEALED = /^[\w-]+$/;

/** Read what another address of this tablet says; nothing where it says nothing. @param {string} hash @returns {Said | undefined} */
export function readSaid(hash) {
  const [, step, written] = STEP.exec(hash) ?? [];
  try {
    return step && written ? { step: /** @type {Step} */ (step), told: readObject(decodeURIComponent(written)) } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Write the address that says something to another address of this tablet.
 *
 * @param {string} origin
 * @param {string} path
 * @param {Step} step
 * @param {object} told
 */
export const addressOf = (origin, path, step, told) =>
  `${origin}${path}#${step}=${encodeURIComponent(JSON.stringify(told))}`;

/** Read the address that another one names; empty where it is none, or one without the encryption of this one. @param {unknown} named @param {string} here */
export function readOrigin(named, here) {
  try {
    const { origin, protocol } = new URL(String(named));
    return origin === named && origin !== here && protocol === new URL(here).protocol ? origin : "";
  } catch {
    return "";
  }
}

/** The next responses to hand over, of those that wait and those on the shelf. @param {Outbox} outbox */
export async function nextOnes(outbox) {
  return (await outbox.list()).filter(({ sealed }) => sealed).slice(0, MOST_AT_ONCE).map(toHandIn);
}

/** @param {unknown} one @returns {one is Sealed} */
function isSealed(one) {
  const { id, session, key, questionnaire, version, sealed } = /** @type {Record<string, unknown>} */ (one ?? {});
  const texts = [id, session, key, questionnaire, sealed];
  return (
    texts.every((text) => typeof text === "string") &&
    Number.isInteger(version) &&
    ID.test(String(id)) &&
    CODE.test(String(session)) &&
    SEALED.test(String(sealed))
  );
}

/**
 * Take what another address hands over; what is here already stays as it is.
 *
 * @param {Outbox} outbox
 * @param {unknown} told
 * @returns {Promise<string[]>} the ids of all that were handed over
 */
export async function take(outbox, told) {
  const handed = (Array.isArray(told) ? told.slice(0, MOST_AT_ONCE) : []).filter(isSealed).map(toHandIn);
  const here = new Set((await outbox.list()).map(({ id }) => id));
  const missing = handed.filter(({ id }) => !here.has(id));
  if (missing.length > 0) {
    await outbox.put(...missing);
  }
  return handed.map(({ id }) => id);
}

/** Of what was handed over, the ids of those that left this outbox: for a receipt, there is no other way. @param {Outbox} outbox @param {string[]} ids */
export async function receivedOf(outbox, ids) {
  const waiting = new Set((await outbox.list()).map(({ id }) => id));
  return ids.filter((id) => !waiting.has(id));
}

/**
 * Let what the newer address has a receipt for wait no longer; a copy stays as long as copies do.
 *
 * @param {{outbox: Outbox, copies: Copies}} boxes
 * @param {unknown} ids
 * @param {number} now
 * @returns {Promise<number>} how many these were
 */
export async function letGo({ outbox, copies }, ids, now) {
  const named = new Set(Array.isArray(ids) ? ids : []);
  const gone = (await outbox.list()).filter(({ id, sealed }) => named.has(id) && sealed).map(toHandIn);
  if (gone.length > 0) {
    await copies.put(...gone.map((one) => ({ ...one, store: "", generation: 0, day: Math.floor(now / DAY) })));
    await outbox.remove(...gone.map(({ id }) => id));
  }
  return gone.length;
}
