/**
 * Service worker: keeps the respondents' pages and their files, so that a tablet needs the server once.
 *
 * The server puts `const FILES = {version, shell, fonts}` before this text. A version's files live in its own cache and
 * are complete or absent. A new version waits until a page between two respondents lets it take over, and keeps every
 * group that the tablet knew. It never touches PUT, POST, the API or the console.
 */

import { alone } from "/static/js/respond/alone.js";
import { putComment, sendDue } from "/static/js/respond/comment-delivery.js";
import { ask, putResponse } from "/static/js/respond/delivery.js";
import { drain } from "/static/js/respond/drain.js";
import { commentBox, copies, outbox } from "/static/js/respond/outbox.js";

/** @typedef {{version: string, shell: string[], fonts: Record<string, string[]>}} Files */

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));
const SHELL = `shell-${FILES.version}`;
const PAGES = `pages-${FILES.version}`;
const VOICES = "voices"; // named after their sound, so they outlive versions
const TABLET = "/tablet/fr"; // where staff see what waits, in the first of their languages
const [LOOKS, MOMENT] = [20, 500]; // how often, and after how many milliseconds, a new version looks whether it may take over
const PATIENCE = 2_500; // milliseconds for a page from the network before the kept one is shown
const LONGEST = 30_000; // milliseconds for a page that is kept for later

/** Only our own pages bear this mark: a hotel's sign-in page must not take the place of a form. @param {Response} reply */
const isOurs = (reply) => !reply.redirected && reply.headers.get("survey-app-page") === "respond";

/** A page of another edition names files that are not kept here: its own worker keeps it. @param {Response} reply */
const isKept = (reply) => reply.ok && isOurs(reply) && reply.headers.get("survey-app-edition") === FILES.version;

/** @param {string[]} addresses */
async function keepShell(addresses) {
  const cache = await caches.open(SHELL);
  const known = new Set((await cache.keys()).map((request) => request.url));
  const missing = [...new Set(addresses)].filter((address) => !known.has(new URL(address, location.origin).href));
  await cache.addAll(missing.map((address) => new Request(address, { cache: "reload" })));
}

/**
 * Fetch a page and keep it.
 *
 * @param {string} address
 * @returns {Promise<boolean>} false where the server could not be asked, or answered with another edition; a page that is gone counts as asked
 */
async function keepPage(address) {
  try {
    const signal = AbortSignal.timeout(LONGEST); // a server that says nothing must not hold up a new version
    const reply = await fetch(address, { cache: "reload", credentials: "same-origin", signal });
    if (isKept(reply)) {
      await (await caches.open(PAGES)).put(address, reply);
      return true;
    }
    await reply.body?.cancel(); // a reply that nobody reads holds one of the few connections that a browser makes
    return isOurs(reply) && (reply.status === 404 || reply.status === 410);
  } catch {
    return false;
  }
}

/** Pages kept by versions before this one. @returns {Promise<string[]>} */
async function pagesBefore() {
  const names = (await caches.keys()).filter((name) => name.startsWith("pages-") && name !== PAGES);
  const kept = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
  return [...new Set(kept.flat().map((request) => new URL(request.url).pathname))];
}

/** Take what is needed for every group that the tablet knows. */
async function install() {
  await keepShell(FILES.shell);
  const before = await pagesBefore();
  if (before.length > 0) {
    await keepShell(Object.values(FILES.fonts).flat());
  }
  for (const address of ["/", TABLET, ...before]) {
    await keepPage(address);
  }
}

/** Pages that are kept by older versions only. */
async function pagesLeftBehind() {
  const kept = new Set((await (await caches.open(PAGES)).keys()).map((request) => new URL(request.url).pathname));
  return (await pagesBefore()).filter((page) => !kept.has(page));
}

/**
 * Drop older versions, unless a page of a group lives only there.
 *
 * @param {string[]} leftBehind pages that do
 */
async function dropOlder(leftBehind) {
  const others = (await caches.keys()).filter((name) => ![SHELL, PAGES, VOICES].includes(name));
  const { installing, waiting } = worker.registration; // what is not ours may be of one that comes after us
  if (leftBehind.length === 0 && !installing && !waiting) {
    await Promise.all(others.map((name) => caches.delete(name)));
  }
}

/** Fetch what is kept by older versions only, then drop them. Tried whenever a session is kept. */
async function replaceOlder() {
  const asked = await Promise.all((await pagesLeftBehind()).map(async (page) => ((await keepPage(page)) ? [] : [page])));
  await dropOlder(asked.flat());
}

/** Take over at once: every page waits for this, so nothing is asked of a server that may be silent. */
async function activate() {
  await dropOlder(await pagesLeftBehind());
  await worker.clients.claim();
}

/** @param {string} address */
async function findPage(address) {
  return (await (await caches.open(PAGES)).match(address)) ?? caches.match(address);
}

/**
 * A page: from the network if it answers soon, else as it was kept; the code's page where nothing was kept.
 *
 * @param {FetchEvent} event
 * @param {string} address
 */
async function answerPage(event, address) {
  const fresh = fetch(event.request).then(async (reply) => {
    if (isKept(reply)) {
      await (await caches.open(PAGES)).put(address, reply.clone());
    }
    return reply;
  });
  event.waitUntil(fresh.catch(() => undefined));
  const soon = new Promise((resolve) => setTimeout(resolve, PATIENCE));
  const reply = await Promise.race([fresh, soon]).catch(() => undefined);
  if (reply instanceof Response && isOurs(reply) && reply.status < 500) {
    return reply;
  }
  return (await findPage(address)) ?? fresh.catch(async () => (await findPage("/")) ?? Response.error());
}

/** @param {Request} request */
async function answerFile(request) {
  return (await (await caches.open(SHELL)).match(request)) ?? (await caches.match(request)) ?? fetch(request);
}

/** A clip: as it was kept, or from the network and kept; what is too much for the tablet is heard all the same. @param {Request} request */
async function answerVoice(request) {
  if (request.headers.has("range")) {
    return fetch(request); // a part of a clip: our own pages never ask for one
  }
  const cache = await caches.open(VOICES).catch(() => undefined);
  const kept = await cache?.match(request);
  const reply = kept ?? (await fetch(request));
  if (!kept && reply.status === 200) {
    await cache?.put(request, reply.clone()).catch(() => undefined);
  }
  return reply;
}

/**
 * Keep the pages of a session and the letters of its languages.
 *
 * @param {{pages: string[], scripts: string[]}} wanted
 * @returns {Promise<{pages: number, letters: boolean}>} pages kept, and whether all letters are; a tablet may have its own
 */
async function keepSession(wanted) {
  const done = [];
  for (const address of new Set(["/", ...wanted.pages])) {
    done.push(await keepPage(address));
  }
  const letters = keepShell(wanted.scripts.flatMap((script) => FILES.fonts[script] ?? []));
  return { pages: done.filter(Boolean).length, letters: await letters.then(() => true, () => false) };
}

/**
 * Keep what pages of this tablet say aloud, clip by clip: what is there already is not fetched again, and a clip that does
 * not come, or for which there is no room, keeps no other one from coming.
 *
 * @param {string[]} pages
 * @param {(progress: {kept: number, lost: number, total: number}) => void} tell
 */
async function keepVoices(pages, tell) {
  const wanted = await findVoices(pages);
  const cache = await caches.open(VOICES);
  let kept = 0;
  let lost = 0;
  tell({ kept, lost, total: wanted.length });
  for (const address of wanted) {
    try {
      if (!(await cache.match(address))) {
        await cache.add(address);
      }
      kept += 1;
    } catch {
      lost += 1; // no network or no room: the next visit tries again
    }
    tell({ kept, lost, total: wanted.length });
  }
}

/** The addresses of all clips that kept pages name. @param {string[]} pages */
async function findVoices(pages) {
  const found = new Set();
  for (const page of pages) {
    const text = (await (await findPage(page))?.text()) ?? "";
    const [, base] = /data-voices="([^"]+)"/.exec(text) ?? [];
    for (const [, name] of base ? text.matchAll(/data-say="([a-z2-7]+)"/g) : []) {
      found.add(`${base}${name}.mp3`);
    }
    for (const [, address] of text.matchAll(/data-voice="([^"]+)"/g)) {
      found.add(address);
    }
  }
  return [...found];
}

/** Whether someone is answering in a window of this tablet. */
async function isAnswered() {
  const windows = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  return windows.some((one) => /^\/s\/\d+\/[^/]+$/.test(new URL(one.url).pathname));
}

/** Take over as soon as nobody is answering: a form that was just left may still be among the windows for a moment. */
async function takeOver() {
  for (let tries = 0; tries < LOOKS && (await isAnswered()); tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, MOMENT));
  }
  if (!(await isAnswered())) {
    await worker.skipWaiting();
  }
}

/**
 * Send what waits; comments only once their moment has come. Rejects where something could not get through, so that the
 * browser wakes this worker again after a while.
 */
async function sendEverything() {
  const { outcome } = await drain({ outbox, copies }, { putResponse, ask }, Date.now());
  await sendDue(commentBox, putComment, Date.now());
  if (outcome === "wait") {
    throw new Error("Something still waits.");
  }
}

worker.addEventListener("install", (event) => event.waitUntil(install()));
worker.addEventListener("activate", (event) => event.waitUntil(activate()));
worker.addEventListener("message", (event) => {
  if (event.data?.act === "take-over") {
    event.waitUntil(takeOver());
  } else if (event.data?.act === "keep") {
    const tell = (/** @type {object} */ kept) => event.source?.postMessage({ act: "kept", ...kept });
    event.waitUntil(keepSession(event.data).then(tell).then(replaceOlder));
  } else if (event.data?.act === "keep-voices") {
    const tell = (/** @type {object} */ progress) => event.source?.postMessage({ act: "voices", ...progress });
    event.waitUntil(keepVoices(event.data.pages, tell));
  }
});
worker.addEventListener("sync", (event) => {
  event.waitUntil(alone(sendEverything));
});
worker.addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (event.request.method !== "GET" || origin !== location.origin) {
    return;
  }
  if (event.request.mode === "navigate" && /^\/(s\/|tablet\/|$)/.test(pathname)) {
    event.respondWith(answerPage(event, pathname));
  } else if (/^\/(static|modules|pictures|voices)\//.test(pathname)) {
    event.respondWith(pathname.startsWith("/voices/") ? answerVoice(event.request) : answerFile(event.request));
  }
});
