/**
 * Wires the questionnaire's page: one step on the screen at a time, answers in memory only, one id per respondent made at
 * "Start", everything wiped at "Send", at "Leave" and when nobody touches the tablet. What is sent is sealed before anything
 * stores it.
 *
 * What speaks or counts beside the answers listens to the document: `survey:step` (detail: the step on the screen),
 * `survey:sent` (detail: `{session, language}`; the person touched "Send") and `survey:wiped` (nothing of this person stays);
 * it hears `survey:heard` (a clip was heard).
 */

import { putResponse, verdictOf } from "./delivery.js";
import { watchIdle } from "./idle.js";
import { outbox } from "./outbox.js";
import { drawId, itemsOnPath, readGiven, writeResponse } from "./response.js";

/** Milliseconds that the last screen waits for a receipt before it says that the answers wait on the tablet. */
const PATIENCE = 1_500;

/** Milliseconds after the page is ready in which nothing else competes with it. */
const HASTE = 2_000;

/** Milliseconds after which answers that could neither be kept nor sent are tried again. */
const AGAIN = 5_000;

/** @template {Element} [T=HTMLElement] @param {string} selector @param {ParentNode} [within] @returns {T} */
function find(selector, within = document) {
  const found = within.querySelector(selector);
  if (!found) {
    throw new Error(`The page has no ${selector}.`);
  }
  return /** @type {T} */ (/** @type {unknown} */ (found));
}

/** @param {string} selector @param {ParentNode} [within] */
const findAll = (selector, within = document) =>
  /** @type {HTMLElement[]} */ ([...within.querySelectorAll(selector)]);

const form = /** @type {HTMLFormElement} */ (find("form[data-session]"));
const session = form.dataset.session ?? "";
const wall = `/s/${session}`;
const about = {
  questionnaire: form.dataset.questionnaire ?? "",
  version: Number(form.dataset.version),
  language: document.documentElement.lang,
};
const steps = findAll(".step");
const [promise, trial, send, thanks] = ["promise", "try", "send", "thanks"].map((id) => find(`#${id}`));
const questions = new Map(findAll(".step[data-item]").map((step) => [step.dataset.item ?? "", step]));
const items = Array.from(questions, ([id, step]) => ({
  id,
  type: step.dataset.type ?? "",
  ...(step.dataset.askIf ? { ask_if: JSON.parse(step.dataset.askIf) } : {}),
}));
const pager = find(".pager");
const hint = find("[data-hint]");
const stillThere = /** @type {HTMLDialogElement} */ (find("dialog"));

/** The id of this respondent's response, from "Start" to "Send". @type {string | undefined} */
let id;
let current = promise;
let sending = false;
/**
 * What a person sent that is neither on the tablet's disk nor on the server yet.
 *
 * @type {import("./delivery.js").Sealed | import("./delivery.js").Readable | undefined}
 */
let pending;
// After the first question:
const bringSeal = () => import("./seal.js");
const bringConnection = () => import("./connection.js");

/** @param {Element} step @returns {HTMLInputElement[]} */
const chosenIn = (step) => [...step.querySelectorAll(/** @type {"input"} */ ("input:checked"))];

const given = () =>
  readGiven(items, (item) => chosenIn(questions.get(item) ?? form).map((input) => input.value));

/** The steps that this respondent meets, in order. */
const met = () => [
  promise,
  trial,
  ...itemsOnPath(items, given()).map((item) => questions.get(item.id) ?? form),
  send,
];

/** Tell whoever listens what happened. @param {string} name @param {unknown} [detail] */
const tell = (name, detail) => document.dispatchEvent(new CustomEvent(`survey:${name}`, { detail }));

/** Put one step on the screen and the reader's focus on its heading. @param {HTMLElement | undefined} step */
function show(step) {
  if (!step) {
    return;
  }
  hideAllBut(step);
  hint.hidden = true;
  pager.hidden = step === promise || step === thanks;
  find("[data-action=next]", pager).hidden = step === send;
  find(".path").classList.toggle("unseen", !step.dataset.item && step !== send);
  showPath();
  scrollTo(0, 0);
  find("[tabindex='-1']", step).focus({ preventScroll: true });
  tell("step", step);
  requestAnimationFrame(() => setTimeout(() => fetchPicturesAhead(step))); // first the touch is answered
}

/** @param {HTMLElement} step */
function hideAllBut(step) {
  current = step;
  for (const other of steps) {
    other.hidden = other !== step;
  }
  form.hidden = !form.contains(step);
}

/** Draw the path: stones behind, the ring where one stands, stones to come. Numbers are for screen readers only. */
function showPath() {
  const onPath = met().filter((step) => step?.dataset.item);
  const at = current === send ? onPath.length : onPath.indexOf(current);
  for (const stone of findAll(".path li")) {
    const place = onPath.findIndex((step) => step?.dataset.item === stone.dataset.stone);
    stone.hidden = place < 0;
    stone.className = place < at ? "done" : place === at ? "now" : "";
  }
  const place = current?.querySelector("[data-place]");
  if (place instanceof HTMLElement) {
    const words = place.dataset.place ?? "";
    place.textContent = words.replace("{n}", String(at + 1)).replace("{total}", String(onPath.length));
  }
}

/** Pictures of hidden steps are lazy; those of the next step come now. @param {HTMLElement} step */
function fetchPicturesAhead(step) {
  const next = steps[steps.indexOf(step) + 1];
  for (const picture of next?.querySelectorAll("img") ?? []) {
    picture.loading = "eager";
  }
}

function start() {
  id = drawId(crypto);
  history.pushState(null, "");
  show(trial);
}

function next() {
  const isFree = current === send || current?.dataset.type === "comment";
  if (!isFree && current && chosenIn(current).length === 0) {
    hint.hidden = false;
    return;
  }
  const order = met();
  show(order[order.indexOf(current) + 1]);
}

function back() {
  const order = met();
  show(order[order.indexOf(current) - 1]);
}

/** Say that the practice question was answered, or ask to touch. @param {boolean} done */
function praise(done) {
  find("[data-well-done]").hidden = !done;
  find("[data-try]").hidden = done;
}

/** Forget everything that was touched. */
function wipe() {
  id = undefined;
  for (const input of findAll("input[type=radio], input[type=checkbox]")) {
    const button = /** @type {HTMLInputElement} */ (input);
    button.checked = false;
    button.defaultChecked = false;
  }
  praise(false);
  document.querySelector("[data-problem]")?.remove();
  tell("wiped");
}

function leave() {
  if (sending || pending) {
    return; // sent, and not kept anywhere yet: this page is all that has it
  }
  wipe();
  location.replace(wall);
}

/** Seal the answers, wipe the screen, keep what is sealed on this device, then try to hand it in. */
async function submit() {
  if (sending || !(id || pending)) {
    return;
  }
  sending = true;
  pending ??= await takeAnswers(id ?? "");
  const kept = await keepOrSend(pending);
  sending = false;
  if (kept) {
    const sent = pending.id;
    pending = undefined;
    show(thanks);
    await tellWhere(sent);
  } else {
    find("[data-not-kept]").hidden = false;
    pager.hidden = true;
    setTimeout(() => pending && void submit(), AGAIN);
  }
}

/** Take the answers from the screen, sealed where this browser can. @param {string} id */
async function takeAnswers(id) {
  const body = writeResponse(about, items, given());
  const sealed = await bringSeal()
    .then(({ readKey, sealResponse }) => sealResponse(readKey(form.dataset.key), { id, session, ...about }, body))
    .catch(() => undefined); // no WebCrypto on a plain http:// address
  tell("sent", { session, language: about.language });
  wipe();
  return sealed ?? { id, session, body };
}

/** Seal what one person adds to a tally, and give the act that keeps it. @param {string} body */
async function sealShare(body) {
  const [seal, { keepShare }] = await Promise.all([bringSeal(), import("./tallies.js")]);
  const share = await seal.sealShare(seal.readKey(form.dataset.key), { id: drawId(crypto), session }, body);
  return () => keepShare(localStorage, session, share);
}

/** Keep in the outbox what is sealed; what is not, and what the device refuses to store, is sent at once. @param {NonNullable<typeof pending>} sent */
async function keepOrSend(sent) {
  try {
    if ("sealed" in sent) {
      await outbox.put(sent);
      return true;
    }
  } catch {
    // No room, or the browser closed the database.
  }
  return (await verdictOf(putResponse(sent), sent.id)) === "received";
}

/** Say where the answers are: on the server, or safe on this tablet. @param {string} sent */
async function tellWhere(sent) {
  const delivered = bringConnection()
    .then(({ deliver }) => deliver())
    .then(async () => !(await outbox.list().catch(() => [])).some((one) => one.id === sent))
    .catch(() => false); // what sends could not be fetched: the next page tries again
  const tired = new Promise((resolve) => setTimeout(() => resolve(false), PATIENCE));
  const say = (/** @type {unknown} */ received) => {
    find("[data-where=kept]", thanks).hidden = !received;
    find("[data-where=waiting]", thanks).hidden = Boolean(received);
  };
  say(await Promise.race([delivered, tired]));
  say(await delivered);
}

/** An answer and an answer off the scale exclude each other. @param {HTMLInputElement} touched */
function excludeOthers(touched) {
  const apart = touched.type === "radio";
  for (const other of chosenIn(find("fieldset", touched.closest(".step") ?? document))) {
    if (other !== touched && (apart || other.type === "radio")) {
      other.checked = false;
    }
  }
}

/** @type {Record<string, () => void>} */
const acts = {
  start,
  next,
  "nothing-more": next,
  back,
  leave,
  "next-person": leave,
  continue: () => undefined,
};

document.addEventListener("click", (event) => {
  const pressed = event.target instanceof Element ? event.target.closest("a[data-action], button[data-action]") : null;
  const act = acts[pressed?.getAttribute("data-action") ?? ""];
  if (act) {
    event.preventDefault();
    if (event.detail < 2) {
      act(); // the second touch of a double one meant the same button, on the step before
    }
  }
});
document.addEventListener("change", (event) => {
  if (event.target instanceof HTMLInputElement) {
    excludeOthers(event.target);
    hint.hidden = true;
    praise(trial?.contains(event.target) ?? false);
    showPath();
  }
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  void submit();
});
addEventListener("popstate", () => {
  if (pending) {
    history.pushState(null, "");
  } else if (id) {
    back();
    if (current !== promise) {
      history.pushState(null, "");
    }
  }
});
// What the browser keeps of a page that was left must be empty.
addEventListener("pagehide", wipe);
addEventListener("pageshow", (event) => {
  if (event.persisted) {
    location.reload();
  }
});

const idle = watchIdle(
  Number(form.dataset.idleSeconds),
  {
    ask: () => {
      if (id && !stillThere.open) {
        stillThere.showModal();
      }
    },
    giveUp: leave,
  },
  {
    now: () => Date.now(),
    after: (act, milliseconds) => window.setTimeout(act, milliseconds),
    cancel: (timer) => window.clearTimeout(timer),
  },
);
for (const kind of ["pointerdown", "keydown", "input", "wheel"]) {
  document.addEventListener(kind, () => {
    if (stillThere.open && kind !== "pointerdown") {
      stillThere.close();
    }
    idle.touch();
  });
}
document.addEventListener("click", () => stillThere.close());
// Who listens is there. What the dialog itself says does not answer it.
document.addEventListener("survey:heard", () => stillThere.open || idle.touch());
document.addEventListener("visibilitychange", () => idle.look());

if (form.dataset.entered || location.hash === "#try") {
  history.replaceState(null, "", location.pathname);
  start();
  show(form.dataset.entered ? questions.get(form.dataset.entered) ?? send : trial);
  praise(trial !== undefined && chosenIn(trial).length > 0); // touched before this module came
} else if (promise) {
  hideAllBut(promise); // it is on the screen already
}
const comment = form.querySelector("[data-type=comment]");
if (comment instanceof HTMLElement) {
  import("./comment.js").then(({ takeComments }) => takeComments(comment)).catch(() => undefined); // it can be written
}
document.documentElement.classList.add("ready");
import("./tally.js")
  .then(({ watch }) => watch(document, sealShare, () => performance.now()))
  .catch(() => undefined); // the answers matter, these sums do not
if (form.dataset.voices) {
  const base = form.dataset.voices;
  import("./speech.js").then(({ speakAloud }) => speakAloud(base)).catch(() => undefined); // the form stays as it is
}
// The first question comes first: what waits is sent, and pages are kept, once the tablet has time for it.
setTimeout(() => {
  bringSeal().catch(() => undefined); // tried again at "Send"
  bringConnection()
    .then(({ keepSending, keepPages }) => Promise.all([keepSending(), keepPages(() => undefined)]))
    .catch(() => undefined); // tried again at "Send"
}, HASTE);
