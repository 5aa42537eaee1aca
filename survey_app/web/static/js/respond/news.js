/**
 * Wires the page that tells what became of earlier answers: a touch says every sentence that has a voice, one after the
 * other. What staff typed has none. Without a script the page is read, and leads on all the same.
 */

import { play, ready, stop } from "./sound.js";

const base = document.querySelector("main[data-voices]")?.getAttribute("data-voices");
const spoken = Array.from(document.querySelectorAll("[data-say]"));
const button = document.querySelector('[data-action="replay"]');

/** Counts touches: a later one ends what an earlier one says. */
let turn = 0;

async function sayAll() {
  const mine = (turn += 1);
  stop();
  for (const part of spoken) {
    const clip = await ready(`${base}${part.getAttribute("data-say")}.mp3`);
    if (mine !== turn) {
      return;
    }
    part.classList.add("speaking");
    part.scrollIntoView({ block: "nearest" });
    await play(clip);
    part.classList.remove("speaking");
    if (mine !== turn) {
      return;
    }
  }
}

/** Say that there is no sound, where there is none: the pictures stay. */
function saySilent() {
  document.querySelector("[data-silent]")?.removeAttribute("hidden");
}

if (base && spoken.length > 0) {
  button?.removeAttribute("hidden");
  button?.addEventListener("click", () => void sayAll().catch(saySilent));
}
