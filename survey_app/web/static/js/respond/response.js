/**
 * Response: from what is touched on the screen to what is sent. This module never touches the document.
 *
 * @typedef {{questionnaire: string, version: number, language: string}} Form
 * @typedef {{answers: Record<string, string | string[]>, offScale: Record<string, string>}} Given
 * @typedef {{id: string, type: string, ask_if?: import("./rules.js").Rule}} Item
 */

import { path } from "./rules.js";

const OFF_SCALE = new Set(["not-understood", "not-for-me", "no-answer"]);

/**
 * Sort what is chosen per item into answers and answers off the scale.
 *
 * @param {readonly Item[]} items
 * @param {(id: string) => string[]} chosen values of an item, in reading order
 * @returns {Given}
 */
export function readGiven(items, chosen) {
  /** @type {Given} */
  const given = { answers: {}, offScale: {} };
  for (const item of items) {
    const values = chosen(item.id);
    const codes = values.filter((value) => !OFF_SCALE.has(value));
    const [first] = codes;
    const [apart] = values.filter((value) => OFF_SCALE.has(value));
    if (first !== undefined) {
      given.answers[item.id] = item.type === "several" ? codes : first;
    } else if (apart !== undefined) {
      given.offScale[item.id] = apart;
    }
  }
  return given;
}

/**
 * Return the items on a respondent's path. The page holds only the items that are asked in this session.
 *
 * @param {readonly Item[]} items
 * @param {Given} given
 */
export function itemsOnPath(items, given) {
  return path({ items }, [], given.answers, given.offScale);
}

/**
 * Write what is sent: answers on the path only.
 *
 * @param {Form} form
 * @param {readonly Item[]} items
 * @param {Given} given
 * @returns {string}
 */
export function writeResponse(form, items, given) {
  const met = new Set(itemsOnPath(items, given).map((item) => item.id));
  /** @template T @param {Record<string, T>} all */
  const onPath = (all) => Object.fromEntries(Object.entries(all).filter(([id]) => met.has(id)));
  return JSON.stringify({
    ...form,
    mode: "alone",
    answers: onPath(given.answers),
    off_scale: onPath(given.offScale),
  });
}

/**
 * Draw the id of a response: a random UUID, also where the page has no secure context.
 *
 * @param {Pick<Crypto, "getRandomValues"> & Partial<Pick<Crypto, "randomUUID">>} source
 * @returns {string}
 */
export function drawId(source) {
  if (source.randomUUID) {
    return source.randomUUID();
  }
  const bytes = source.getRandomValues(new Uint8Array(16));
  bytes[6] = (Number(bytes[6]) & 0x0f) | 0x40;
  bytes[8] = (Number(bytes[8]) & 0x3f) | 0x80;
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
