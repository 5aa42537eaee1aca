/**
 * Connection: sends what waits on this device, shows what waits to staff, keeps the pages for when there is no network.
 */

import { alone } from "./alone.js";
import { ask, pauseAfter, putResponse } from "./delivery.js";
import { commentBox, copies, outbox } from "./outbox.js";

/** @typedef {import("./drain.js").Outcome} Outcome */

let rounds = 0;
let underWay = 0;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/**
 * Send what waits; two tabs never do so at once. Resolves once this round is over, and says whether all is sent. While the
 * page bears `data-sent`, what it shows to staff is what the last round found.
 */
export async function deliver() {
  underWay += 1;
  delete document.documentElement.dataset.sent;
  const done = await sendAndShow();
  underWay -= 1;
  if (underWay === 0) {
    document.documentElement.dataset.sent = done ? "all" : "some";
  }
  return done;
}

async function sendAndShow() {
  clearTimeout(timer);
  const outcome = await alone(() => handIn().catch(() => /** @type {Outcome} */ ("wait")));
  const done = outcome === "done";
  rounds = done ? 0 : rounds + 1;
  if (outcome === "wait") {
    timer = setTimeout(() => void deliver(), pauseAfter(rounds, Math.random()));
    await wakeLater();
  }
  await showWaiting().catch(() => undefined);
  document.querySelector("[data-stopped]")?.toggleAttribute("hidden", outcome !== "stop");
  document.querySelector("[data-outdated]")?.toggleAttribute("hidden", outcome !== "outdated");
  showConnection(outcome !== "wait");
  if (outcome === "outdated") {
    await bringNewer();
  }
  if (done) {
    void deliverComments().catch(() => undefined); // they wait for the next round: nobody waits for them
  }
  return done;
}

/**
 * Send what waits; between two respondents also look after the copies of what the server has. Where nothing can be handed in
 * now, staff see at least what a restored server has lost.
 *
 * @returns {Promise<Outcome>}
 */
async function handIn() {
  const { drain, tend } = await import("./drain.js");
  const [boxes, wire] = [{ outbox, copies }, { putResponse, ask }];
  const { outcome, stamp } = await drain(boxes, wire, Date.now());
  const isBetween = document.querySelector("[data-corner]") !== null;
  if (!isBetween || outcome === "stop" || outcome === "outdated") {
    return outcome;
  }
  await showWaiting().catch(() => undefined); // who waits with the tablet in hand need not wait for its copies
  const tended = await tend(boxes, wire, Date.now(), stamp);
  return outcome === "done" ? tended : outcome;
}

/** These pages are too old for the server: look for newer ones. Between two respondents they take over, and send. */
async function bringNewer() {
  const workers = navigator.serviceWorker;
  const registration = await workers?.getRegistration().catch(() => undefined);
  if (registration && !document.querySelector("form[data-session]")) {
    workers.oncontrollerchange = () => location.reload();
    registration.waiting?.postMessage({ act: "take-over" });
  }
  await registration?.update().catch(() => undefined);
}

/** Send the comments whose moment has come, and look again when that of the next one does. */
async function deliverComments() {
  if ((await commentBox.list().catch(() => [])).length === 0) {
    return;
  }
  const { putComment, sendDue } = await import("./comment-delivery.js");
  const pause = await sendDue(commentBox, putComment, Date.now());
  if (pause !== undefined) {
    timer = setTimeout(() => void deliver(), pause);
  }
}

/** Ask the browser, where it can, to let the service worker send once there is a network. */
async function wakeLater() {
  try {
    const registration = await navigator.serviceWorker?.getRegistration();
    await registration?.sync?.register("outbox");
  } catch {
    // Refused or unknown here: the page tries again by itself.
  }
}

/** Show staff, in a corner, how many responses wait. */
async function showWaiting() {
  const corner = document.querySelector("[data-corner]");
  if (!corner) {
    return;
  }
  const kept = await outbox.list();
  for (const part of corner.querySelectorAll("[data-count]")) {
    const shelved = /** @type {HTMLElement} */ (part).dataset.count === "shelved";
    const count = kept.filter((one) => Boolean(one.shelved) === shelved).length;
    part.toggleAttribute("hidden", count === 0);
    part.querySelector("b")?.replaceChildren(String(count));
  }
}

/** @param {boolean} reached */
function showConnection(reached) {
  document.querySelector("[data-offline]")?.toggleAttribute("hidden", reached && navigator.onLine);
}

/** Keep sending: at start, when the network or the page comes back, and from time to time. */
export async function keepSending() {
  addEventListener("online", () => void deliver());
  addEventListener("offline", () => showConnection(false));
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") {
      void deliver();
    }
  });
  await deliver();
}

export const registerWorker = () =>
  navigator.serviceWorker.register("/service-worker.js", { type: "module", updateViaCache: "none" });

/**
 * Register the service worker. There is none on a plain http:// address of a local network: then pages need the server.
 *
 * @param {(registration: ServiceWorkerRegistration) => void | Promise<void>} whenReady
 */
export async function keepPages(whenReady) {
  if (!navigator.serviceWorker) {
    return;
  }
  try {
    await registerWorker();
    await whenReady(await navigator.serviceWorker.ready);
    await navigator.storage?.persist?.();
  } catch {
    // No worker: certificate not trusted, or private browsing. The outbox still holds what is sent.
  }
}
