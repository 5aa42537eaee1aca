/**
 * The last look of the day: on the page that asks for a code, a tablet that staff enrolled, or that keeps something, shows as
 * a picture and a large number what waits on it. Zero is green.
 */

import { readDevice } from "./device.js";
import { outbox } from "./outbox.js";

export async function showDayEnd() {
  const sign = document.querySelector("[data-day-end]");
  if (!sign) {
    return;
  }
  const kept = await outbox.list();
  const isOurs = kept.length > 0 || Boolean(await readDevice());
  sign.toggleAttribute("hidden", !isOurs);
  sign.toggleAttribute("data-none-waits", kept.length === 0);
  sign.querySelector("b")?.replaceChildren(String(kept.length));
  for (const picture of sign.querySelectorAll("[data-when]")) {
    picture.toggleAttribute("hidden", picture.getAttribute("data-when") !== (kept.length === 0 ? "none" : "some"));
  }
}
