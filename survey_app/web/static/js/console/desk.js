// Wires the pages of staff. Everything here is a comfort: each page works without it.
import { hide } from "./masking.js";
import { step } from "./stepper.js";

for (const stepper of document.querySelectorAll("[data-stepper]")) {
  const field = stepper.querySelector("input");
  if (!(field instanceof HTMLInputElement)) continue;
  const most = Number(field.dataset["most"]);
  for (const button of stepper.querySelectorAll("button")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      field.value = String(step(field.value, Number(button.dataset["step"]), most));
    });
  }
}

for (const button of document.querySelectorAll("[data-mask]")) {
  const field = document.querySelector("textarea[data-passed]");
  if (!(field instanceof HTMLTextAreaElement) || !(button instanceof HTMLElement)) continue;
  button.hidden = false;
  button.addEventListener("click", () => {
    field.value = hide(field.value, field.selectionStart, field.selectionEnd, button.dataset["mask"] ?? "");
    field.focus();
  });
}

// Without a network the browser would leave the page, and with it what was typed.
const unsent = document.querySelector("[data-unsent]");
document.addEventListener(
  "submit",
  (event) => {
    if (!(unsent instanceof HTMLElement)) return;
    if (event.target instanceof HTMLFormElement && "keyIn" in event.target.dataset) return; // it keeps its papers itself
    unsent.hidden = navigator.onLine;
    if (!navigator.onLine) {
      event.preventDefault();
      event.stopPropagation();
    }
  },
  { capture: true },
);
