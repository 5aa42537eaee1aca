/**
 * Tablets only: a session that takes answers from enrolled tablets says so to a phone before anybody has answered.
 */

import { readDevice } from "./device.js";

/** Show who may answer here in place of the questions, unless this is an enrolled tablet. @returns {Promise<boolean>} whether it did */
export async function turnAway() {
  const notice = document.querySelector("[data-tablets-only]");
  if (!notice || (await readDevice())) {
    return false;
  }
  document.querySelector("main")?.replaceChildren(notice);
  notice.removeAttribute("hidden");
  return true;
}
