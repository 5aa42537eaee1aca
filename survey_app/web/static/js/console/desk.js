// Wires the pages of staff. Everything here is a comfort: each page works without it.
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
