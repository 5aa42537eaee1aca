/**
 * Wires the tablet's own page, which staff open: enrols the tablet, finds what it can do, makes it ready for a session, and
 * shows what waits on it.
 */

import { deliver, keepSending, registerWorker } from "./connection.js";
import { ask } from "./delivery.js";
import { keepDevice, readDevice } from "./device.js";
import { count, tellState } from "./device-state.js";
import { addressOf, letGo, nextOnes, readOrigin, readSaid, receivedOf, take } from "./hand-over.js";
import { copies, outbox } from "./outbox.js";
import { prepare, readTongues } from "./prepare.js";
import { listReady, noteReady } from "./ready.js";
import { drawId } from "./response.js";
import { countReasons, nameFile, takeOff, writeFile } from "./shelf.js";
import { findTier } from "./tier.js";
import { askWorker } from "./worker-line.js";

/** @typedef {{code: string, module: string, project: string}} Group */
/** @typedef {import("./prepare.js").Tongue} Tongue */

const ENROL = "#enrol=";
const TICKET = "survey-app-ticket"; // of the way to an older address and back, in this tab
const GIGABYTE = 1e9;

/** @param {string} selector @returns {HTMLElement} */
function part(selector) {
  const found = document.querySelector(selector);
  if (!found) {
    throw new Error(`The page has no ${selector}.`);
  }
  return /** @type {HTMLElement} */ (found);
}

/** Show the one of several parts that is the case. @param {string} name @param {string} value */
function showOne(name, value) {
  for (const one of document.querySelectorAll(`[data-${name}]`)) {
    one.toggleAttribute("hidden", one.getAttribute(`data-${name}`) !== value);
  }
  document.documentElement.setAttribute(`data-found-${name}`, value);
}

/** @param {string} selector @param {boolean} isShown */
const show = (selector, isShown) => part(selector).toggleAttribute("hidden", !isShown);

/** Use the one-time link that stands behind # in the address; it leaves the address at once. */
async function enrol() {
  if (!location.hash.startsWith(ENROL)) {
    return;
  }
  const token = location.hash.slice(ENROL.length);
  history.replaceState(null, "", location.pathname);
  const reply = await fetch("/api/v1/device", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token }),
    cache: "no-store",
    credentials: "omit",
    redirect: "error",
  }).catch(() => undefined);
  if (reply?.status === 201) {
    const { id, name, key } = await reply.json();
    await keepDevice({ id, name, key });
    showOne("enrolled", "done");
  } else {
    showOne("enrolled", reply ? "gone" : "unreached");
  }
}

/** Say whether the worker came with all its files; a network may break off in the middle, and then none is ever ready. */
async function isWhole() {
  const registration = await navigator.serviceWorker.getRegistration();
  const coming = registration?.active ? undefined : registration?.installing;
  return new Promise((resolve) => {
    coming?.addEventListener("statechange", () => {
      if (coming.state === "activated" || coming.state === "redundant") {
        resolve(coming.state === "activated");
      }
    });
    if (!coming) {
      resolve(registration !== undefined);
    }
  });
}

/** Find the tier by registering the worker, and keep this page for when there is no network. */
async function checkTier() {
  const register = navigator.serviceWorker && registerWorker;
  const tier = await findTier({ isSecure: isSecureContext, register });
  if (tier === "trusted" && !(await isWhole())) {
    showOne("tier", "unreached");
    return undefined;
  }
  if (tier === "trusted") {
    const registration = await navigator.serviceWorker.ready;
    registration.active?.postMessage({ act: "keep", pages: [location.pathname], scripts: [] });
    registration.waiting?.postMessage({ act: "take-over" });
  }
  showOne("tier", tier);
  return tier;
}

/** Ask the server who this tablet is; nothing where it cannot be reached. @returns {Promise<{status: number, body: any} | undefined>} */
async function askServer() {
  try {
    const { status, text } = await ask("device", "GET");
    return { status, body: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

async function showDevice() {
  const device = await readDevice();
  show("[data-name]", Boolean(device));
  part("[data-name] b").replaceChildren(device?.name ?? "");
  show("[data-stranger]", !device);
  const answer = await askServer();
  const known = answer?.status === 200 ? answer.body : { left: [], sessions: [] };
  show("[data-revoked]", Boolean(device) && answer?.status === 401);
  showLeft(known.left);
  listGroups(known.sessions);
}

/** Lead to answers that this tablet left under another address of the same laptop. @param {{origin: string, kept: number}[]} left */
function showLeft(left) {
  const list = part("[data-left] ul");
  list.replaceChildren(
    ...left.map(({ origin, kept }) => {
      const link = document.createElement("a");
      link.href = addressOf(origin, location.pathname, "offer", { to: location.origin, ticket: ticket() });
      link.textContent = origin;
      const line = document.createElement("li");
      line.append(`${kept} · `, link);
      return line;
    }),
  );
  show("[data-left]", left.length > 0);
}

/** The ticket of this tab, drawn once. */
function ticket() {
  const drawn = sessionStorage.getItem(TICKET) ?? drawId(crypto);
  sessionStorage.setItem(TICKET, drawn);
  return drawn;
}

/** Do what another address of this tablet asks for. */
async function meetOtherAddress() {
  const said = readSaid(location.hash);
  if (!said) {
    return;
  }
  history.replaceState(null, "", location.pathname);
  const { step, told } = said;
  if (step === "take") {
    await takeOver(told);
  } else if (step === "taken" && (await letGo({ outbox, copies }, told.ids, Date.now())) > 0) {
    await handOver(told); // whoever knows these ids is whom staff sent them to
  } else if (step === "offer") {
    await offerHandOver(told);
  }
}

/** Ask staff whether what waits here shall go to a newer address. @param {Record<string, unknown>} told */
async function offerHandOver(told) {
  const to = readOrigin(told.to, location.origin);
  if (to && (await nextOnes(outbox)).length > 0) {
    part("[data-hand-over] b").replaceChildren(to);
    part("[data-hand-over] button").addEventListener("click", () => void handOver(told));
    show("[data-hand-over]", true);
  }
}

/** Go to the newer address with the next responses; say that all are there once none is left. @param {Record<string, unknown>} told */
async function handOver(told) {
  const to = readOrigin(told.to, location.origin);
  const responses = to ? await nextOnes(outbox) : [];
  if (responses.length > 0) {
    location.replace(addressOf(to, location.pathname, "take", { ...told, from: location.origin, responses }));
  } else if (to) {
    part("[data-handed] a").setAttribute("href", `${to}${location.pathname}`);
    show("[data-handed]", true);
  }
}

/** Take and hand in what comes from an older address, and go back where that one may let some go. @param {Record<string, unknown>} told */
async function takeOver(told) {
  const from = readOrigin(told.from, location.origin);
  if (!from || told.ticket !== ticket()) {
    return;
  }
  const ids = await take(outbox, told.responses);
  await deliver();
  const received = await receivedOf(outbox, ids);
  if (received.length > 0) {
    location.replace(addressOf(from, location.pathname, "taken", { ids: received, to: location.origin, ticket: told.ticket }));
  }
}

/** @param {Group[]} groups */
function listGroups(groups) {
  const list = part("[data-groups]");
  list.replaceChildren(
    ...groups.map(({ code, module, project }) => {
      const label = document.createElement("label");
      label.className = "choice";
      const input = Object.assign(document.createElement("input"), { type: "radio", name: "code", value: code });
      const words = document.createElement("span");
      words.textContent = `${module} · ${project} · ${code.slice(0, 3)} ${code.slice(3)}`;
      label.append(input, words);
      input.addEventListener("change", () => void chooseGroup(code));
      return label;
    }),
  );
  show("[data-by-code]", groups.length === 0);
}

/** @type {{code: string, tongues: Tongue[]}} */
let chosen = { code: "", tongues: [] };

/** Ask which languages to bring. @param {string} code */
async function chooseGroup(code) {
  showOne("result", "");
  const tongues = await fetchTongues(code).catch(() => undefined);
  show("[data-no-group]", tongues?.length === 0);
  show("[data-no-network]", tongues === undefined);
  show("[data-tongues]", Boolean(tongues?.length));
  chosen = { code, tongues: tongues ?? [] };
  const expected = chosen.tongues.filter(({ isExpected }) => isExpected);
  const first = expected.length > 0 ? expected : chosen.tongues.slice(0, 3);
  const others = chosen.tongues.filter((tongue) => !first.includes(tongue));
  part("[data-expected-tongues]").replaceChildren(...first.map((tongue) => offer(tongue, true)));
  part("[data-other-tongues] .choices").replaceChildren(...others.map((tongue) => offer(tongue, false)));
  show("[data-other-tongues]", others.length > 0);
}

/** @param {Tongue} tongue @param {boolean} isChosen */
function offer({ page, name }, isChosen) {
  const label = document.createElement("label");
  label.className = "choice";
  const input = Object.assign(document.createElement("input"), { type: "checkbox", name: "tongue", value: page });
  input.checked = isChosen;
  const words = document.createElement("span");
  words.lang = page.split("/").at(-1) ?? "";
  words.textContent = name;
  label.append(input, words);
  return label;
}

/** @param {string} code @returns {Promise<Tongue[]>} none where there is no such session */
async function fetchTongues(code) {
  const reply = await fetch(`/s/${code}`, { cache: "no-store" });
  if (!reply.ok) {
    return [];
  }
  return readTongues(new DOMParser().parseFromString(await reply.text(), "text/html"));
}

/** @param {import("./prepare.js").Progress} progress */
function showProgress({ done, total }) {
  const bar = /** @type {HTMLProgressElement} */ (part("[data-progress] progress"));
  bar.max = total;
  bar.value = done;
}

/** Bring what was chosen, then say what this tablet really has. */
async function makeReady() {
  const wanted = new Set(Array.from(document.querySelectorAll("input[name=tongue]:checked"), (input) => input.getAttribute("value")));
  const tongues = chosen.tongues.filter(({ page }) => wanted.has(page));
  if (tongues.length === 0) {
    return;
  }
  const persisted = await navigator.storage?.persist?.().catch(() => false);
  show("[data-progress]", true);
  showOne("result", "");
  const holds = async (/** @type {string} */ address) => Boolean(await caches.match(address));
  const result = await prepare(`/s/${chosen.code}`, tongues, { ask: askWorker, holds }, showProgress).catch(() => "pages");
  show("[data-progress]", false);
  if (result === "ready") {
    noteReady(chosen.code, tongues);
  }
  showOne("result", result);
  show("[data-not-persisted]", !persisted);
  part(`[data-result="${result}"]`).scrollIntoView({ block: "center" });
  await Promise.all([showRoom(), showReady()]);
}

/** List the sessions that this tablet holds whole. */
async function showReady() {
  const held = await listReady();
  part("[data-ready] ul").replaceChildren(
    ...held.map(({ code, names }) => {
      const link = document.createElement("a");
      link.href = `/s/${code}`;
      link.textContent = `${code.slice(0, 3)} ${code.slice(3)}`;
      const line = document.createElement("li");
      line.append(link, ` · ${names.join(", ")}`);
      return line;
    }),
  );
  show("[data-ready]", held.length > 0);
}

async function showRoom() {
  const room = await navigator.storage?.estimate?.().catch(() => undefined);
  const left = room?.quota ? (room.quota - (room.usage ?? 0)) / GIGABYTE : 0;
  part("[data-room] b").replaceChildren(left.toFixed(1));
  show("[data-room]", left > 0);
}

async function showWaiting() {
  const kept = await outbox.list().catch(() => []);
  const { waiting, shelved } = count(kept);
  part("[data-waiting]").replaceChildren(String(waiting));
  part("[data-shelved] b").replaceChildren(String(shelved));
  show("[data-shelved]", shelved > 0);
  part("[data-kept-here]").toggleAttribute("data-none-waits", waiting + shelved === 0);
  showReasons(countReasons(kept));
  show("[data-send-again]", waiting + shelved > 0);
  show("[data-save]", waiting + shelved + (await copies.list().catch(() => [])).length > 0);
}

/** Say why the server refused what lies on the shelf; reasons without words of their own count together. @param {Record<string, number>} reasons */
function showReasons(reasons) {
  const lines = Array.from(document.querySelectorAll("[data-reason]"), (line) => ({ line, reason: line.getAttribute("data-reason") ?? "" }));
  const worded = new Set(lines.map(({ reason }) => reason));
  for (const { line, reason } of lines) {
    const those = Object.entries(reasons).filter(([each]) => (worded.has(each) ? each : "") === reason);
    const number = those.reduce((sum, [, each]) => sum + each, 0);
    line.querySelector("b")?.replaceChildren(String(number));
    line.toggleAttribute("hidden", number === 0);
  }
  show("[data-reasons]", Object.keys(reasons).length > 0);
}

/** Send everything once more, also what the server refused before. */
async function sendAgain() {
  await takeOff(outbox);
  await deliver();
  await showWaiting();
}

/** Save what waits, still sealed, where the browser saves files. */
async function saveFile() {
  const { text } = await writeFile({ outbox, copies });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = nameFile((await readDevice())?.name);
  link.click();
  URL.revokeObjectURL(link.href);
  show("[data-saved]", true);
}

part("[data-send-again]").addEventListener("click", () => void sendAgain());
part("[data-save]").addEventListener("click", () => void saveFile());
part("[data-by-code]").addEventListener("submit", (event) => {
  event.preventDefault();
  const code = new FormData(/** @type {HTMLFormElement} */ (event.target)).get("code");
  void chooseGroup(String(code).replace(/\D/g, ""));
});
part("[data-make-ready]").addEventListener("click", () => void makeReady());
await enrol();
await showWaiting();
await meetOtherAddress();
const tier = await checkTier();
show("[data-prepare]", tier === "trusted");
await Promise.all([showDevice(), showRoom(), tier === "plain" ? undefined : showReady(), keepSending()]);
await showWaiting();
await tellState().catch(() => undefined);
