/**
 * Drain: empties the outbox, and keeps sealed copies of what was received until the server has a backup of it. This module
 * never touches the document, the database or the clock: they are arguments.
 *
 * One response goes by itself, many go in batches that are answered for one by one: what is refused goes to the shelf, for a
 * person to look at, and keeps no other one from being received.
 *
 * @typedef {import("./delivery.js").Kept} Kept
 * @typedef {import("./delivery.js").Reply} Reply
 * @typedef {import("./delivery.js").Verdict} Verdict
 * @typedef {{store: string, generation: number, backed_up: number, day?: number}} Stamp which database answered, its last
 *   backup that was begun, its last one that is complete, and the server's day, in days since 1970
 * @typedef {import("./delivery.js").Sealed & {store: string, generation: number, day: number, served?: number}} Copy `day`:
 *   on which it was received by the tablet's clock, in days since 1970; `served`: by the server's
 *
 * @typedef {object} Outbox
 * @property {(...kept: Kept[]) => Promise<void>} put
 * @property {() => Promise<Kept[]>} list
 * @property {(...ids: string[]) => Promise<void>} remove
 *
 * @typedef {object} Copies
 * @property {(...copies: Copy[]) => Promise<void>} put
 * @property {() => Promise<Copy[]>} list
 * @property {(...ids: string[]) => Promise<void>} remove
 *
 * @typedef {object} Wire each rejects where there is no connection
 * @property {(kept: Kept) => Promise<Reply>} putResponse
 * @property {(path: string, method: "GET" | "POST", body?: string) => Promise<Reply>} ask
 *
 * @typedef {"done" | "wait" | "stop" | "outdated"} Outcome of a round; `wait`: something could not get through
 * @typedef {{verdict: Verdict, code: string}} Judged
 */

import { codeOf, isSettled, judge, judgeRefusal, readObject } from "./delivery.js";

const MOST_AT_ONCE = 200;
const DAY = 86_400_000;
/** How long, and how many, sealed copies a tablet keeps for a server that makes no backup. */
const LONGEST_COPY_DAYS = 30;
const MOST_COPIES = 1_000;
/** Days by which two right clocks may tell different ages: each counts whole days. */
const CLOCKS_APART = 2;

/** @param {number} now */
const dayOf = (now) => Math.floor(now / DAY);

/**
 * Hand in everything that waits. While the server has one batch, what became of the one before is noted.
 *
 * @param {{outbox: Outbox, copies: Copies}} boxes
 * @param {Wire} wire
 * @param {number} now
 * @returns {Promise<{outcome: Outcome, stamp?: Stamp}>} `stamp`: of the last answer
 */
export async function drain(boxes, wire, now) {
  const waiting = (await boxes.outbox.list()).filter((kept) => !kept.shelved);
  /** @type {Outcome} */
  let outcome = "done";
  /** @type {Stamp | undefined} */
  let stamp;
  let note = () => Promise.resolve();
  for (let at = 0; at < waiting.length; at += MOST_AT_ONCE) {
    const some = waiting.slice(at, at + MOST_AT_ONCE);
    const [sent] = await both(send(some, wire), note()); // sent first: it need not wait for the disk
    stamp = sent.stamp ?? stamp;
    note = () => settle(boxes, some, sent, now);
    const became = outcomeOf(some, sent.judged);
    outcome = became === "done" ? outcome : became;
    if (became !== "done" && !(became === "wait" && someSettled(sent.judged))) {
      break; // the next ones would fare alike
    }
  }
  await note();
  return { outcome, ...(stamp ? { stamp } : {}) };
}

/**
 * Wait for both, also where one fails: nothing is under way any more when a round ends.
 *
 * @template One, Other
 * @param {Promise<One>} one
 * @param {Promise<Other>} other
 * @returns {Promise<[One, Other]>}
 */
async function both(one, other) {
  await Promise.allSettled([one, other]);
  return [await one, await other];
}

/** Say whether the server dealt with some: then the others wait for reasons of their own. @param {Map<string, Judged>} judged */
const someSettled = (judged) => [...judged.values()].some(({ verdict }) => isSettled(verdict));

/**
 * Note what became of what was sent: first as a copy, then no longer as waiting, so that no moment knows of neither.
 *
 * @param {{outbox: Outbox, copies: Copies}} boxes
 * @param {Kept[]} some
 * @param {{judged: Map<string, Judged>, stamp: Stamp | undefined}} sent
 * @param {number} now
 */
async function settle({ outbox, copies }, some, { judged, stamp }, now) {
  const received = some.filter(({ id }) => judged.get(id)?.verdict === "received");
  const refused = some.filter(({ id }) => judged.get(id)?.verdict === "shelve");
  if (received.length > 0) {
    if (stamp) {
      const { store, generation, day: served } = stamp;
      const noted = { store, generation, day: dayOf(now), ...(served === undefined ? {} : { served }) };
      const made = received.filter((kept) => kept.sealed).map((kept) => ({ ...kept, ...noted }));
      await copies.put(...made).catch(() => undefined); // no room: the server has it
    }
    await outbox.remove(...received.map(({ id }) => id));
  }
  if (refused.length > 0) {
    await outbox.put(...refused.map((kept) => ({ ...kept, shelved: judged.get(kept.id)?.code || "refused" })));
  }
}

/** @param {Kept[]} some @param {Map<string, Judged>} judged @returns {Outcome} */
function outcomeOf(some, judged) {
  const verdicts = new Set(some.map(({ id }) => judged.get(id)?.verdict ?? "wait"));
  for (const verdict of /** @type {const} */ (["outdated", "stop", "wait"])) {
    if (verdicts.has(verdict)) {
      return verdict;
    }
  }
  return "done";
}

/**
 * Send some: one by itself, many as a batch; one by one where the server knows no batches, or the way there carries none so
 * large.
 *
 * @param {Kept[]} some
 * @param {Wire} wire
 */
async function send(some, wire) {
  const sealed = some.every((kept) => kept.sealed); // an older page of this tablet may have kept it readable
  if (some.length === 1 || !sealed) {
    return sendEach(some, wire);
  }
  const reply = await wire.ask("responses", "POST", write(some)).catch(() => ({ status: 0, text: "" }));
  const whole = judgeWhole(reply);
  if (whole === "shelve" || reply.status === 413) {
    return sendEach(some, wire);
  }
  return whole ? all(some, whole) : readAnswers(reply);
}

/** Write a batch; the rescue file has the same objects. @param {Kept[]} some */
const write = (some) => JSON.stringify({ responses: some.map(toHandIn) });

/** Return a response as it is handed in, without what only this tablet notes of it. @param {Kept} kept */
export const toHandIn = ({ session, id, key, questionnaire, version, sealed }) => ({
  session,
  id,
  key,
  questionnaire,
  version,
  sealed,
});

/** Judge a reply to a batch; nothing where it answers for each. @param {Reply} reply @returns {Verdict | undefined} */
function judgeWhole({ status, text }) {
  const { answers, type } = readObject(text);
  if (status === 200) {
    return Array.isArray(answers) ? undefined : "wait";
  }
  return judgeRefusal(status, type);
}

/** @param {Kept[]} some @param {Verdict} verdict */
const all = (some, verdict) => ({
  judged: new Map(some.map(({ id }) => [id, { verdict, code: "" }])),
  stamp: /** @type {Stamp | undefined} */ (undefined),
});

/** @param {Reply} reply */
function readAnswers({ text }) {
  const { answers } = /** @type {{answers: unknown[]}} */ (/** @type {unknown} */ (readObject(text)));
  /** @type {Map<string, Judged>} */
  const judged = new Map();
  for (const answer of answers) {
    const { id, status, type } = /** @type {Record<string, unknown>} */ (answer ?? {});
    if (typeof id === "string" && typeof status === "number") {
      const received = status === 200 || status === 201;
      judged.set(id, { verdict: received ? "received" : judgeRefusal(status, type), code: codeOf(type) });
    }
  }
  return { judged, stamp: stampOf(text) };
}

/**
 * Send one after the other. The first one that cannot get through ends the round, as the others would fare alike; one that is
 * a fault of the server, which it tells of each, keeps no other one from being received.
 *
 * @param {Kept[]} some
 * @param {Wire} wire
 */
async function sendEach(some, wire) {
  /** @type {Map<string, Judged>} */
  const judged = new Map();
  /** @type {Stamp | undefined} */
  let stamp;
  for (const kept of some) {
    const reply = await wire.putResponse(kept).catch(() => ({ status: 0, text: "" }));
    const verdict = judge(reply, kept.id);
    const code = codeOf(readObject(reply.text).type);
    judged.set(kept.id, { verdict, code });
    stamp = (verdict === "received" ? stampOf(reply.text) : undefined) ?? stamp;
    if (!isSettled(verdict) && code !== "fault") {
      break;
    }
  }
  return { judged, stamp };
}

/** @param {string} text @returns {Stamp | undefined} */
function stampOf(text) {
  const { store, generation, backed_up, day } = readObject(text);
  const isWhole = typeof store === "string" && typeof generation === "number" && typeof backed_up === "number";
  return isWhole ? { store, generation, backed_up, ...(typeof day === "number" ? { day } : {}) } : undefined;
}

/**
 * Tend the copies: forget what is in a backup or too old; hand in again what a restored server may have lost.
 *
 * @param {{outbox: Outbox, copies: Copies}} boxes
 * @param {Wire} wire
 * @param {number} now
 * @param {Stamp} [known] of an answer of this round; asked for where there is none
 * @returns {Promise<Outcome>}
 */
export async function tend(boxes, wire, now, known) {
  const kept = await boxes.copies.list();
  if (kept.length === 0) {
    return "done";
  }
  const stamp = known ?? (await askStamp(wire));
  const left = await forget(boxes.copies, kept, now, stamp);
  return stamp ? handInAgain(boxes, left, wire, now, stamp) : "wait";
}

/** @param {Wire} wire */
async function askStamp(wire) {
  const { status, text } = await wire.ask("store", "GET").catch(() => ({ status: 0, text: "" }));
  return status === 200 ? stampOf(text) : undefined;
}

/**
 * @param {Copies} copies
 * @param {Copy[]} kept
 * @param {number} now
 * @param {Stamp | undefined} stamp
 * @returns {Promise<Copy[]>} those that stay
 */
async function forget(copies, kept, now, stamp) {
  const newestFirst = [...kept].sort((one, other) => other.day - one.day);
  const gone = new Set(
    newestFirst.filter(
      (copy, at) =>
        at >= MOST_COPIES ||
        (stamp && isOld(agesOf(copy, dayOf(now), stamp.day))) || // a wrong clock of a tablet that reaches nobody takes nothing
        (copy.store === stamp?.store && copy.generation < stamp.backed_up),
    ),
  );
  if (gone.size > 0) {
    await copies.remove(...[...gone].map(({ id }) => id));
  }
  const left = kept.filter((copy) => !gone.has(copy));
  if (stamp) {
    await dateAnew(copies, left, dayOf(now), stamp.day);
  }
  return left;
}

/**
 * The age of a copy in days, by the tablet's clock and by the server's. What no server has dated yet is new to it.
 *
 * @param {Copy} copy
 * @param {number} today
 * @param {number | undefined} servedToday
 */
const agesOf = ({ day, served }, today, servedToday) =>
  servedToday === undefined ? [today - day] : [today - day, servedToday - (served ?? servedToday)];

/** Say whether both clocks tell the same age. Where not, one of them is wrong, or was. @param {number[]} ages */
const agree = (ages) => Math.min(...ages) >= -CLOCKS_APART && Math.max(...ages) - Math.min(...ages) <= CLOCKS_APART;

/** Say whether a copy was kept for long enough: no clock that is wrong by itself takes anything, now or later. @param {number[]} ages */
const isOld = (ages) => agree(ages) && Math.min(...ages) > LONGEST_COPY_DAYS;

/**
 * Copies on whose age the clocks do not agree are as of today. Without it a tablet's clock that was wrong one day, and a server's
 * that is wrong on another, would make them look old to both.
 *
 * @param {Copies} copies
 * @param {Copy[]} kept
 * @param {number} day
 * @param {number | undefined} served
 */
async function dateAnew(copies, kept, day, served) {
  const unclear = kept.filter((copy) => !agree(agesOf(copy, day, served)));
  if (unclear.length > 0) {
    const anew = unclear.map((copy) => ({ ...copy, day, ...(served === undefined ? {} : { served }) }));
    await copies.put(...anew).catch(() => undefined); // no room: they are not old either
  }
}

/**
 * @param {{outbox: Outbox, copies: Copies}} boxes
 * @param {Copy[]} left
 * @param {Wire} wire
 * @param {number} now
 * @param {Stamp} stamp
 * @returns {Promise<Outcome>}
 */
async function handInAgain(boxes, left, wire, now, stamp) {
  const lost = left.filter(({ store }) => store !== stamp.store);
  for (let at = 0; at < lost.length; at += MOST_AT_ONCE) {
    const some = lost.slice(at, at + MOST_AT_ONCE).map(toHandIn);
    const sent = await send(some, wire);
    await settle(boxes, some, sent, now);
    const refused = some.filter(({ id }) => sent.judged.get(id)?.verdict === "shelve").map(({ id }) => id);
    if (refused.length > 0) {
      await boxes.copies.remove(...refused); // on the shelf now
    }
    const outcome = outcomeOf(some, sent.judged);
    if (outcome !== "done") {
      await letWait(boxes, stamp).catch(() => undefined); // no room: they stay copies, and are handed in from there
      return outcome;
    }
  }
  return "done";
}

/**
 * Let copies wait in sight of staff: the server that answered has them no more, and does not take them now.
 *
 * @param {{outbox: Outbox, copies: Copies}} boxes
 * @param {Stamp} stamp
 */
async function letWait({ outbox, copies }, { store: present }) {
  const lost = (await copies.list()).filter(({ store }) => store !== present);
  if (lost.length > 0) {
    await outbox.put(...lost.map(toHandIn));
    await copies.remove(...lost.map(({ id }) => id));
  }
}
