// Wires the page on which papers are keyed in: one key an answer. Without it, the page is a plain form.
import { digitOf, press } from "./keys.js";
import { makeStack } from "./stack.js";

const form = /** @type {HTMLFormElement} */ (document.querySelector("form[data-key-in]"));
const language = /** @type {HTMLSelectElement} */ (form.elements.namedItem("language"));
const items = /** @type {HTMLFieldSetElement[]} */ ([...form.querySelectorAll("fieldset[data-item]")]);
const stack = makeStack();
let looked = false;
let sending = false;
let ended = false; // the stack is done: say so once everything is sent

/** @param {string} action */
const button = (action) => /** @type {HTMLButtonElement} */ (form.querySelector(`[data-action="${action}"]`));
/** @param {HTMLFieldSetElement} item */
const boxesOf = (item) => /** @type {HTMLInputElement[]} */ ([...item.querySelectorAll("input[data-key]")]);
/** @param {HTMLFieldSetElement} item */
const marksOf = (item) => boxesOf(item).filter((box) => box.checked);
/** @param {HTMLInputElement} box */
const keyOf = (box) => box.dataset["key"] ?? "";

/** Say one sentence, or none. @param {string} what */
function say(what) {
  for (const sentence of form.querySelectorAll("[data-say]")) {
    if (sentence instanceof HTMLElement) sentence.hidden = sentence.dataset["say"] !== what;
  }
}

/** Move the hand to a question, or behind the last one to the button. @param {number} place */
function goTo(place) {
  const item = items[Math.max(0, place)];
  if (item === undefined) {
    button("next-paper").focus();
    return;
  }
  const [first] = [...marksOf(item), ...boxesOf(item)];
  first?.focus();
}

function show() {
  const { pass, entered, place, total, unsent } = stack.state;
  const counted = /** @type {HTMLElement} */ (form.querySelector("[data-counted]"));
  const of = /** @type {HTMLElement} */ (form.querySelector("[data-of]"));
  counted.textContent = String(pass === "second" ? place : entered);
  of.hidden = pass !== "second";
  of.textContent = `/ ${total}`;
  button("take-back").hidden = pass === "second" ? place === 0 : total === 0;
  button("finish").hidden = pass === "second" || total === 0;
  button("send-again").hidden = stack.next() === undefined;
  button("twice").hidden = pass === "second" || unsent > 0;
  button("twice").setAttribute("aria-pressed", String(pass === "first"));
}

/** An empty paper; the language stays. */
function clear() {
  const tag = language.value;
  form.reset();
  for (const item of items) for (const box of boxesOf(item)) box.checked = false;
  language.value = tag;
  looked = false;
  for (const item of items) item.classList.remove("differs");
}

/** Random, version 4: `crypto.randomUUID` is missing on plain http. */
function drawId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (/** @type {number} */ (bytes[6]) & 0x0f) | 0x40;
  bytes[8] = (/** @type {number} */ (bytes[8]) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** @returns {import("./stack.js").Paper} */
function read() {
  /** @type {import("./stack.js").Marks} */
  const marks = {};
  for (const item of items) marks[item.dataset["item"] ?? ""] = marksOf(item).map(keyOf);
  return { id: drawId(), language: language.value, marks };
}

/** @param {import("./stack.js").Marks} marks */
function fill(marks) {
  clear();
  for (const item of items) {
    const keys = marks[item.dataset["item"] ?? ""] ?? [];
    for (const box of boxesOf(item)) box.checked = keys.includes(keyOf(box));
  }
}

/** @param {import("./stack.js").Paper} paper */
function write(paper) {
  const body = new URLSearchParams({ response: paper.id, language: paper.language });
  for (const item of items) {
    const name = item.dataset["item"] ?? "";
    for (const box of boxesOf(item)) {
      if (box.value && paper.marks[name]?.includes(keyOf(box))) body.append(name, box.value);
    }
  }
  return body;
}

/**
 * Send one paper. @param {import("./stack.js").Paper} paper
 * @returns {Promise<"received" | "waiting" | "refused">}
 */
async function send(paper) {
  try {
    const reply = await fetch(form.action, {
      method: "POST",
      headers: { accept: "application/json" },
      body: write(paper),
      redirect: "manual",
    });
    const type = reply.headers.get("content-type") ?? "";
    if (type.startsWith("application/problem+json") && reply.status < 500) return "refused";
    if (reply.status !== 201 || !type.startsWith("application/json")) return "waiting";
    const receipt = /** @type {{receipt?: unknown}} */ (await reply.json());
    return receipt.receipt === paper.id ? "received" : "waiting";
  } catch {
    return "waiting"; // no network: the paper stays here
  }
}

/** Send what is to be sent, one after the other; stop at the first that does not arrive. */
async function drain() {
  if (sending) return;
  sending = true;
  let outcome = "received";
  for (let paper = stack.next(); paper !== undefined && outcome === "received"; paper = stack.next()) {
    outcome = await send(paper);
    if (outcome === "received") stack.forget(paper.id);
  }
  sending = false;
  if (outcome !== "received") say(outcome);
  else if (ended && stack.state.unsent === 0) say("all-sent");
  show();
}

/** @returns {HTMLFieldSetElement | undefined} the question that keeps the paper from being done, told in a sentence */
function findGap() {
  const gap = items.find((item) => marksOf(item).length === 0);
  if (gap !== undefined) {
    say("unanswered");
    return gap;
  }
  const nothing = items.every((item) => marksOf(item).every((box) => box.value === ""));
  if (nothing) say("nothing-marked");
  return nothing ? items[0] : undefined;
}

/** @param {string[]} differing */
function showDifferences(differing) {
  for (const item of items) item.classList.toggle("differs", differing.includes(item.dataset["item"] ?? ""));
  say("differs");
  looked = true;
  if (differing[0] === "language") language.focus();
  else goTo(items.findIndex((item) => item.classList.contains("differs")));
}

async function complete() {
  const gap = findGap();
  if (gap !== undefined) {
    goTo(items.indexOf(gap));
    return;
  }
  const wasSecond = stack.state.pass === "second";
  const differing = stack.complete(read(), looked);
  if (differing.length > 0) {
    showDifferences(differing);
    return;
  }
  ended = wasSecond && stack.state.pass === "once";
  clear();
  say("");
  show();
  goTo(0);
  await drain();
}

function takeBack() {
  const marks = stack.takeBack();
  if (marks === null) return;
  fill(marks);
  say("taken-back");
  show();
  goTo(0);
}

async function finish() {
  const wasFirst = stack.state.pass === "first";
  stack.finish();
  ended = !wasFirst;
  clear();
  say(wasFirst ? "second" : "");
  show();
  goTo(0);
  await drain();
}

/** The place after a question: the next one, or, where staff look at differences, the next of these. @param {HTMLFieldSetElement} item */
function after(item) {
  const place = items.indexOf(item) + 1;
  if (!looked) return place;
  const next = items.findIndex((other, at) => at >= place && other.classList.contains("differs"));
  return next < 0 ? items.length : next;
}

/** @param {HTMLFieldSetElement} item @param {string} digit */
function pressDigit(item, digit) {
  const boxes = boxesOf(item);
  const question = {
    several: "several" in item.dataset,
    keys: Object.fromEntries(boxes.map((box) => [keyOf(box), box.value])),
    alone: new Set(boxes.filter((box) => "alone" in box.dataset).map(keyOf)),
  };
  const pressed = press(question, marksOf(item).map(keyOf), digit);
  if (pressed === null) {
    say("no-such-key");
    return;
  }
  say("");
  for (const box of boxes) box.checked = pressed.marked.includes(keyOf(box));
  if (pressed.goes === "on") goTo(after(item));
  else boxes.find((box) => keyOf(box) === digit)?.focus();
}

/** @param {HTMLFieldSetElement} item */
function goOn(item) {
  if (marksOf(item).length === 0) say("unanswered");
  else goTo(after(item));
}

const isEmpty = () => items.every((item) => marksOf(item).length === 0);

/** @param {number} place */
function goBack(place) {
  say("");
  if (place > 0) goTo(place - 1);
  else if (isEmpty()) takeBack();
}

function endStack() {
  if (isEmpty() && !button("finish").hidden) void finish();
}

/**
 * Do what a key asks for.
 *
 * @param {KeyboardEvent} event
 * @param {HTMLFieldSetElement | null} item the question under the hand
 * @returns {boolean} whether it asks for anything
 */
function act(event, item) {
  const digit = item === null ? null : digitOf(event);
  if (item !== null && digit !== null) {
    pressDigit(item, digit);
    return true;
  }
  /** @type {Record<string, () => void>} */
  const deeds = { Backspace: () => goBack(item === null ? items.length : items.indexOf(item)), End: endStack };
  if (item !== null) deeds["Enter"] = () => goOn(item);
  deeds[event.key]?.();
  return event.key in deeds;
}

form.noValidate = true;
form.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.target === language) return;
  const item = event.target instanceof Element ? event.target.closest("fieldset") : null;
  if (act(event, item)) event.preventDefault();
});
form.addEventListener("change", (event) => {
  const box = event.target;
  const item = box instanceof HTMLInputElement ? box.closest("fieldset") : null;
  if (!(box instanceof HTMLInputElement) || item === null || !box.checked) return;
  const excludes = (/** @type {HTMLInputElement} */ other) => "alone" in box.dataset || "alone" in other.dataset;
  for (const other of boxesOf(item)) if (other !== box && excludes(other)) other.checked = false;
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  void complete();
});
button("take-back").addEventListener("click", takeBack);
button("finish").addEventListener("click", () => void finish());
button("send-again").addEventListener("click", () => void drain());
button("twice").addEventListener("click", () => {
  stack.choose(stack.state.pass !== "first");
  show();
  goTo(0);
});
window.addEventListener("beforeunload", (event) => {
  if (!isEmpty() || stack.state.unsent > 0) event.preventDefault();
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) clear(); // a page that comes back from the browser's memory shows nothing
});

clear();
show();
goTo(0);
