/**
 * Speech: what bears `data-say` is spoken, highlighted meanwhile: a step when it appears, an answer when it is touched, a
 * message when it is shown. Without sound everything stays as it is.
 */

import { makeQueue } from "./queue.js";
import * as sound from "./sound.js";

/** Questions with which the answers off the scale are said unasked: they are the same at each, and speak when touched. */
const LEARNED = 2;

/** @param {string} base address of the voice's clips, up to their names */
export function speakAloud(base) {
  const steps = [.../** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".step"))];
  let step = steps.find((one) => !one.hidden);
  // "Start" may have been touched before this module came.
  let touched = step !== steps[0] && (navigator.userActivation?.hasBeenActive ?? false);

  /** What is spoken of a part of the page, in reading order. @param {Element | undefined} within */
  const partsOf = (within) =>
    [within, ...(within?.querySelectorAll("[data-say]") ?? [])].filter((part) => part instanceof HTMLElement && part.dataset.say);
  const seenOf = (/** @type {Element | undefined} */ within) => partsOf(within).filter((part) => !part?.closest("[hidden]"));
  const questions = steps.filter((one) => one.dataset.item);
  const saidUnasked = (/** @type {HTMLElement | undefined} */ shown) =>
    seenOf(shown).filter((part) => !part?.matches(".off") || (shown && questions.indexOf(shown) < LEARNED));
  const addressOf = (/** @type {Element | undefined} */ part) => `${base}${part?.getAttribute("data-say")}.mp3`;
  const loadAhead = () => {
    const place = step ? steps.indexOf(step) : 0;
    void sound.keep(steps.slice(place, place + 2).flatMap(partsOf).map(addressOf));
  };

  const queue = makeQueue(
    { load: (part) => sound.ready(addressOf(part)), play: sound.play, stop: sound.stop },
    (part) => {
      document.querySelector(".speaking")?.classList.remove("speaking");
      part?.classList.add("speaking");
      document.body.classList.toggle("aloud", Boolean(part));
    },
    (heard) => {
      document.querySelector("[data-silent]")?.toggleAttribute("hidden", heard);
      if (heard) {
        document.dispatchEvent(new Event("survey:heard"));
      }
    },
  );

  document.addEventListener("survey:step", (event) => {
    step = /** @type {CustomEvent<HTMLElement>} */ (event).detail;
    queue.speak(touched ? saidUnasked(step) : []);
    requestAnimationFrame(() => setTimeout(loadAhead)); // once the step is painted
  });
  document.addEventListener("survey:wiped", queue.stop);
  document.addEventListener("visibilitychange", () => document.hidden && queue.stop());
  // Before the page acts on the touch: what it shows then is spoken after.
  document.addEventListener(
    "click",
    ({ target }) => {
      touched = true;
      void sound.wake().catch(() => undefined);
      const part = target instanceof Element ? target.closest("button,a") ?? target.closest("[data-say]") : null;
      if (part?.matches("[data-action=replay]")) {
        queue.speak(seenOf(step));
      } else if (part) {
        queue.speak(part.matches("button,a") ? [] : seenOf(part)); // what a button brings speaks for itself
      }
    },
    true,
  );
  new MutationObserver((changes) => {
    for (const { target } of changes) {
      if (touched && target instanceof Element && target.matches(":not(.step,form,[hidden])")) {
        queue.add(seenOf(target));
      }
    }
  }).observe(document.body, { subtree: true, attributes: true, attributeFilter: ["hidden", "open"] });

  for (const button of document.querySelectorAll("[data-action=replay]")) {
    button.removeAttribute("hidden");
  }
  if (touched) {
    queue.speak(saidUnasked(step));
  }
  loadAhead();
}
