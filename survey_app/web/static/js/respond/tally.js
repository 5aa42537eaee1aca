/** Counts how the form is understood: one person in memory, then only in a sum of their group (see tallies.js). */

const QUICK = 3e3; // milliseconds: the shortest question takes longer to be heard
const LONG = 3e4; // milliseconds: a question and its answers were heard twice

/**
 * @param {EventTarget} page
 * @param {string} session
 * @param {Pick<Storage, "getItem" | "setItem">} store
 * @param {() => number} now milliseconds
 */
export function watch(page, session, store, now) {
  /** @type {Record<string, {time: number, replays: number}>} */
  let visits = {};
  let item = "";
  let since = 0;

  const go = (next = "") => {
    const visit = visits[item];
    if (visit) {
      visit.time += now() - since;
    }
    item = next;
    since = now();
  };
  /** Add a person to the sum and forget them. @param {string[]} found */
  const add = (found) => {
    const tallies = JSON.parse(store.getItem("survey-app-tallies") ?? '{"sums":{},"batches":[]}');
    const sum = (tallies.sums[session] ??= {});
    for (const name of found) {
      sum[name] = (sum[name] ?? 0) + 1;
    }
    store.setItem("survey-app-tallies", JSON.stringify(tallies));
    visits = {};
    item = "";
  };

  page.addEventListener("survey:step", (event) => {
    go(/** @type {CustomEvent} */ (event).detail.dataset.item);
    if (item) {
      visits[item] ??= { time: 0, replays: 0 };
    }
  });
  page.addEventListener("click", ({ target }) => {
    const visit = visits[item];
    if (visit && /** @type {Element} */ (target).closest("[data-action=replay]")) {
      visit.replays++;
    }
  });
  page.addEventListener("survey:sent", () => {
    go();
    add([
      "finished",
      ...Object.entries(visits).flatMap(([id, { time, replays }]) => [
        id + " met",
        ...(replays ? [id + (replays > 1 ? " replayed-more" : " replayed-once")] : []),
        ...(time < QUICK ? [id + " quick"] : time > LONG ? [id + " long"] : []),
      ]),
    ]);
  });
  page.addEventListener("survey:wiped", () => {
    if (item) {
      add([item + " left"]);
    }
    visits = {};
  });
}
