/**
 * Shelf: what staff do on a tablet with what the server refused, and how what waits leaves it without a network. It holds
 * sealed responses only. This module never touches the document or the database: they are arguments.
 *
 * @typedef {import("./delivery.js").Kept} Kept
 * @typedef {import("./drain.js").Outbox} Outbox
 * @typedef {import("./drain.js").Copies} Copies
 */

import { toHandIn } from "./drain.js";

const FORMAT = 1;

/** Count what lies on the shelf by the reason for which it was refused. @param {Kept[]} kept */
export function countReasons(kept) {
  /** @type {Record<string, number>} */
  const reasons = {};
  for (const { shelved } of kept) {
    if (shelved) {
      reasons[shelved] = (reasons[shelved] ?? 0) + 1;
    }
  }
  return reasons;
}

/** Take everything off the shelf, so that the next round sends it again. @param {Outbox} outbox */
export async function takeOff(outbox) {
  const shelved = (await outbox.list()).filter((kept) => kept.shelved);
  await outbox.put(...shelved.map((kept) => ({ ...kept, shelved: "" })));
}

/**
 * Write the file that staff take to the laptop: all that waits, lies on the shelf, or is kept as a copy. Nothing leaves the
 * tablet by it: what was saved is still sent, and counts once.
 *
 * @param {{outbox: Outbox, copies: Copies}} boxes
 * @returns {Promise<{text: string, count: number}>}
 */
export async function writeFile({ outbox, copies }) {
  const all = [...(await outbox.list()), ...(await copies.list())].filter(({ sealed }) => sealed);
  const responses = [...new Map(all.map((kept) => [kept.id, toHandIn(kept)])).values()];
  return { text: JSON.stringify({ format: FORMAT, responses }), count: responses.length };
}

/** Name the file after the tablet. @param {string | undefined} tablet */
export function nameFile(tablet) {
  const name = (tablet ?? "").normalize("NFKD").replace(/[^A-Za-z0-9]+/g, "-").replace(/^-+|-+$/g, "").toLowerCase();
  return `survey-app-rescue-${name || "tablet"}.json`;
}
