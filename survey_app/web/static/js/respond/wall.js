/**
 * Wires the pages between two respondents: code, wall of languages, thanks, errors. Nobody's answer is on the screen, so
 * this is where a new version of the application takes over and where staff see what waits.
 */

import { keepPages, keepSending } from "./connection.js";

/** Ask the worker to keep this session's pages, and to take over where it is new. @param {ServiceWorkerRegistration} registration */
function prepare(registration) {
  const pages = Array.from(document.querySelectorAll("[data-keep]"), (link) => link.getAttribute("href"));
  const scripts = Array.from(document.querySelectorAll("[data-script]"), (link) => link.getAttribute("data-script"));
  if (pages.length > 0) {
    const keep = { act: "keep", pages: [location.pathname, ...pages], scripts };
    registration.active?.postMessage(keep);
  }
  registration.waiting?.postMessage({ act: "take-over" });
  registration.addEventListener("updatefound", () => {
    const worker = registration.installing;
    worker?.addEventListener("statechange", () => {
      if (worker.state === "installed" && registration.active) {
        worker.postMessage({ act: "take-over" });
      }
    });
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

/** Say on the page, for staff and tests, that it works without a network from now on. */
function noteKept() {
  navigator.serviceWorker?.addEventListener("message", (event) => {
    if (event.data?.act === "kept") {
      document.documentElement.dataset.kept = String(event.data.pages);
    }
  });
}

// A page that comes back from the browser's memory counts anew.
addEventListener("pageshow", (event) => {
  if (event.persisted) {
    location.reload();
  }
});
openByCode();
noteKept();
await Promise.all([keepSending(), keepPages(prepare)]);
