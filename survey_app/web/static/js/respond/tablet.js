/**
 * Wires the tablet's own page, which staff open: what this tablet can do.
 */

import { keepSending, registerWorker } from "./connection.js";
import { findTier } from "./tier.js";

/** @param {string} part */
const all = (part) => document.querySelectorAll(part);

/** Show the one of several parts that is the case. @param {string} name @param {string} value */
function showOne(name, value) {
  for (const part of all(`[data-${name}]`)) {
    part.toggleAttribute("hidden", part.getAttribute(`data-${name}`) !== value);
  }
  document.documentElement.setAttribute(`data-found-${name}`, value);
}

/** Find the tier by registering the worker, and keep this page for when there is no network. */
async function checkTier() {
  const register = navigator.serviceWorker && registerWorker;
  const tier = await findTier({ isSecure: isSecureContext, register });
  showOne("tier", tier);
  if (tier === "trusted") {
    const registration = await navigator.serviceWorker.ready;
    registration.active?.postMessage({ act: "keep", pages: [location.pathname], scripts: [] });
    registration.waiting?.postMessage({ act: "take-over" });
  }
  return tier;
}

await Promise.all([checkTier(), keepSending()]);
