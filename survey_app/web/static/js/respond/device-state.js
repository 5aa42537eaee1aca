/**
 * What this tablet says of itself to staff: counts, never content, and only between two respondents.
 */

import { ask } from "./delivery.js";
import { readDevice } from "./device.js";
import { copies, outbox } from "./outbox.js";
import { listReady } from "./ready.js";

const LEAST_PAUSE = 60_000; // milliseconds
const SAID = "survey-app-said";
const MEGABYTE = 1e6;
const MOST_READY = 200; // sessions that are told of
/** WebKit deletes what scripts wrote after so many days of use of the browser without a visit here. */
const WEBKIT_DAYS = 7;

/**
 * Count what waits, in all and by session.
 *
 * @param {{session: string, shelved?: unknown}[]} kept
 */
export function count(kept) {
  /** @type {Record<string, number>} */
  const sessions = {};
  for (const { session } of kept) {
    sessions[session] = (sessions[session] ?? 0) + 1;
  }
  const shelved = kept.filter((one) => one.shelved).length;
  return { waiting: kept.length - shelved, shelved, sessions };
}

/**
 * The days after which the browser may delete everything; nothing where it does not by itself.
 *
 * @param {{agent: string, isStandalone: boolean}} browser `isStandalone`: opened from the home screen
 */
export function clearsAfter({ agent, isStandalone }) {
  const isWebKit = /AppleWebKit/.test(agent) && !/Chrome|Chromium/.test(agent); // every browser of an iPad is WebKit
  return isWebKit && !isStandalone ? WEBKIT_DAYS : undefined;
}

/** Which tier this tablet is in: a worker that was registered once was trusted then. @returns {Promise<import("./tier.js").Tier>} */
export async function currentTier() {
  if (!isSecureContext) {
    return "plain";
  }
  const registration = await navigator.serviceWorker?.getRegistration().catch(() => undefined);
  return registration?.active ? "trusted" : "clicked";
}

/** Megabytes that the browser still gives; nothing where it does not say. */
async function roomLeft() {
  const room = await navigator.storage?.estimate?.().catch(() => undefined);
  return room?.quota ? Math.floor((room.quota - (room.usage ?? 0)) / MEGABYTE) : undefined;
}

export async function collectState() {
  const [kept, received, left, persisted, tier, ready] = await Promise.all([
    outbox.list().catch(() => []),
    copies.list().catch(() => []),
    roomLeft(),
    navigator.storage?.persisted?.().catch(() => false),
    currentTier(),
    listReady().catch(() => []), // a browser that keeps no pages
  ]);
  const isStandalone = matchMedia("(display-mode: standalone)").matches;
  const days = clearsAfter({ agent: navigator.userAgent, isStandalone });
  return {
    tier,
    ...count(kept),
    copies: received.length,
    persisted: Boolean(persisted),
    ready: ready.map(({ code }) => code).slice(0, MOST_READY),
    ...(left === undefined ? {} : { room_left: left }),
    ...(days === undefined ? {} : { clears_after_days: days }),
  };
}

/**
 * Tell staff how this tablet is, at most once a minute. Nothing waits for it, and nothing is lost where it fails.
 *
 * @returns {Promise<"told" | "later" | "revoked" | "not-enrolled">}
 */
export async function tellState() {
  if (!(await readDevice())) {
    return "not-enrolled";
  }
  const last = Number(localStorage.getItem(SAID));
  if (Math.abs(Date.now() - last) < LEAST_PAUSE) {
    return "later";
  }
  const { status } = await ask("device/state", "PUT", JSON.stringify(await collectState()));
  if (status === 204) {
    localStorage.setItem(SAID, String(Date.now()));
  }
  return status === 401 ? "revoked" : "told";
}
