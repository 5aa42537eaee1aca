/**
 * Brings the modules of the questionnaire's page once its first screen is painted: until then the page works as a plain
 * form, and on a slow tablet nothing comes between a person and the first screen.
 */

const wanted = (document.querySelector("script[data-then]")?.getAttribute("data-then") ?? "").split(" ");

async function bring() {
  if (document.querySelector("[data-tablets-only]") && (await (await import("./tablets-only.js")).turnAway())) {
    return;
  }
  for (const address of wanted) {
    const link = document.createElement("link");
    link.rel = "modulepreload";
    link.href = address;
    document.head.append(link);
  }
  void import("./form.js");
}

// The second frame begins when the first one is on the screen.
requestAnimationFrame(() => requestAnimationFrame(() => void bring()));
