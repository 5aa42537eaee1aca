/**
 * Ready: the sessions that staff made this tablet ready for, and that it still holds.
 *
 * @typedef {import("./prepare.js").Tongue} Tongue
 */

import { pagesOf } from "./prepare.js";

const READY = "survey-app-ready";

/** @returns {Record<string, {pages: string[], names: string[]}>} */
function readReady() {
  try {
    return JSON.parse(localStorage.getItem(READY) ?? "{}");
  } catch {
    return {};
  }
}

/** Note that this tablet holds a session whole, in these languages. @param {string} code @param {Tongue[]} tongues */
export function noteReady(code, tongues) {
  const ready = { pages: [`/s/${code}`, ...tongues.flatMap(pagesOf)], names: tongues.map(({ name }) => name) };
  localStorage.setItem(READY, JSON.stringify({ ...readReady(), [code]: ready }));
}

/** List the sessions that open without a network; one of which a page is gone does not count. */
export async function listReady() {
  const held = [];
  for (const [code, { pages, names }] of Object.entries(readReady())) {
    const found = await Promise.all(pages.map((page) => caches.match(page)));
    if (!found.includes(undefined)) {
      held.push({ code, names });
    }
  }
  return held;
}
