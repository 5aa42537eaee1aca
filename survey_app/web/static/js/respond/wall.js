/**
 * Wires the pages between two respondents: code, wall of languages, thanks, errors. Nobody's answer is on the screen, so
 * this is where a new version of the application takes over and where staff see what waits.
 */

import { keepPages, keepSending } from "./connection.js";

/** Milliseconds after which a language opens, whether or not its name was heard. */
const NAME = 2_500;

/** Milliseconds after which a new version is asked again and again: a slow browser may still count the form that was just left. */
const AGAIN = 10_000;

/**
 * Milliseconds after which a page that does not come is asked for once more. A browser that exchanges versions just then may
 * lose the first request for ever (Chromium 156 on a busy machine); the second one is answered at once.
 */
const ONCE_MORE = 6_000;

/** Ask once more for the next page where it does not come: who cannot read does not know that another touch would help. */
function askOnceMore() {
  let asked = false;
  window.navigation?.addEventListener("navigate", ({ destination, formData, downloadRequest, hashChange }) => {
    if (!asked && !formData && downloadRequest === null && !hashChange) {
      asked = true;
      setTimeout(() => location.assign(destination.url), ONCE_MORE);
    }
  });
}

/** Ask the worker to keep this session's pages, and to take over where it is new. @param {ServiceWorkerRegistration} registration */
function prepare(registration) {
  const pages = Array.from(document.querySelectorAll("[data-keep]"), (link) => [link.getAttribute("href"), link.getAttribute("data-then")])
    .flat()
    .filter(Boolean);
  const scripts = Array.from(document.querySelectorAll("[data-script]"), (link) => link.getAttribute("data-script"));
  if (pages.length > 0) {
    const keep = { act: "keep", pages: [location.pathname, ...pages], scripts };
    registration.active?.postMessage(keep);
  }
  const takeOver = () => registration.waiting?.postMessage({ act: "take-over" });
  takeOver();
  setInterval(takeOver, AGAIN);
  showSounds(0);
  registration.addEventListener("updatefound", () => {
    const worker = registration.installing;
    worker?.addEventListener("statechange", () => {
      if (worker.state === "installed" && registration.active) {
        worker.postMessage({ act: "take-over" });
      }
    });
  });
}

/** Show staff how much of the sound of the project's languages is on this tablet, by share kept. @param {number} share */
function showSounds(share) {
  const bytes = Array.from(document.querySelectorAll("[data-sound]"), (link) => Number(link.getAttribute("data-sound")));
  const megabytes = bytes.reduce((sum, each) => sum + each, 0) / 1e6;
  const corner = document.querySelector("[data-sounds]");
  corner?.toggleAttribute("hidden", megabytes === 0);
  const size = megabytes.toFixed(1);
  corner?.querySelector("b")?.replaceChildren(share < 1 ? `${(share * megabytes).toFixed(1)} / ${size} MB` : `${size} MB`);
}

/** Say a language's name where it has a sound, then open the language; a second touch opens it at once. */
async function sayNames() {
  if (!document.querySelector("[data-voice]")) {
    return;
  }
  const sound = await import("./sound.js").catch(() => undefined);
  let leaving = false;
  document.addEventListener("click", (event) => {
    const link = /** @type {Element} */ (event.target).closest("a[data-voice]");
    const elsewhere = event.ctrlKey || event.metaKey || event.shiftKey;
    if (!sound || !link || leaving || elsewhere) {
      return;
    }
    event.preventDefault();
    leaving = true;
    const go = () => location.assign(link.getAttribute("href") ?? "/");
    const said = sound.ready(link.getAttribute("data-voice") ?? "").then(sound.play);
    void Promise.race([said, new Promise((resolve) => setTimeout(resolve, NAME))]).then(go, go);
  });
}

/** Go to a group's page by its address, so that a group that this tablet knows opens without a network. */
function openByCode() {
  const form = document.querySelector("form[data-join]");
  form?.addEventListener("submit", (event) => {
    const code = new FormData(/** @type {HTMLFormElement} */ (form)).get("code");
    if (typeof code === "string" && /^[1-9]\d{5}$/.test(code.replace(/\s/g, ""))) {
      event.preventDefault();
      location.assign(`/s/${code.replace(/\s/g, "")}`);
    }
  });
}

/** Send what was counted in this group once it is large enough, and in groups that are over: others, or one that is closed. */
async function sendSums() {
  const [, here] = /^\/s\/(\d+)/.exec(location.pathname) ?? [];
  const isOpen = Boolean(document.querySelector("[data-keep]"));
  try {
    const { sendTallies } = await import("./tallies.js");
    await sendTallies((session) => Boolean(here) && !(isOpen && here === session));
  } catch {
    // No local storage, or an older tablet: the answers matter, these sums do not.
  }
}

/** Tell staff how this tablet is; where it has served before, show what waits on it as a picture and a number. */
async function sayHowItIs() {
  try {
    const [{ tellState }, { showDayEnd }] = await Promise.all([import("./device-state.js"), import("./day-end.js")]);
    await showDayEnd();
    await tellState();
  } catch {
    // No network, or a browser that keeps nothing.
  }
}

/** Say on the page, for staff and tests, that it works without a network from now on. */
function noteKept() {
  navigator.serviceWorker?.addEventListener("message", (event) => {
    if (event.data?.act === "kept") {
      document.documentElement.dataset.kept = String(event.data.pages);
      const pages = Array.from(document.querySelectorAll("[data-sound]"), (link) => link.getAttribute("href"));
      navigator.serviceWorker.controller?.postMessage({ act: "keep-voices", pages: [...pages, location.pathname] });
    } else if (event.data?.act === "voices") {
      const { kept, total } = event.data;
      document.documentElement.dataset.voices = `${kept}/${total}`;
      showSounds(total ? kept / total : 1);
    }
  });
}

// A page that comes back from the browser's memory counts anew.
addEventListener("pageshow", (event) => {
  if (event.persisted) {
    location.reload();
  }
});
askOnceMore();
openByCode();
noteKept();
void sayNames();
await Promise.all([keepSending().then(sendSums).then(sayHowItIs), keepPages(prepare)]);
