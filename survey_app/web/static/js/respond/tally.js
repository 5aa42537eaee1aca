/** Counts how the form is understood: one person in memory, then sealed, as their share in a sum (see tallies.js). */

const QUICK = 3e3; // milliseconds: the shortest question takes longer to be heard
const LONG = 3e4; // milliseconds: a question and its answers were heard twice

/**
 * @typedef {Record<string, Record<string, 1>>} Measures by item
 *
 * @param {EventTarget} page
 * @param {(body: string) => Promise<() => void>} seal gives the act that keeps what was sealed, at once: a page that is
 *   being left waits for nothing
 * @param {() => number} now milliseconds
 */
export function watch(page, seal, now) {
  /** @type {Record<string, {time: number, replays: number}>} */
  let visits = {};
  let item = "";
  let since = 0;
  /** What is to be done should this person leave now. @type {(() => void) | undefined} */
  let leaving;

  const go = (next = "") => {
    const visit = visits[item];
    if (visit) {
      visit.time += now() - since;
    }
    item = next;
    since = now();
    leaving = undefined;
  };
  const forget = () => {
    visits = {};
    item = "";
    leaving = undefined;
  };
  /** @param {0 | 1} finished @param {Measures} items */
  const share = (finished, items) => seal(JSON.stringify({ finished, items }));

  page.addEventListener("survey:step", (event) => {
    const here = /** @type {CustomEvent} */ (event).detail.dataset.item;
    go(here);
    if (here) {
      visits[here] ??= { time: 0, replays: 0 };
      share(0, { [here]: { left: 1 } }).then(
        (keep) => {
          leaving = item === here ? keep : leaving;
        },
        () => undefined, // no WebCrypto on a plain http:// address: nothing is counted there
      );
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
    const found = Object.entries(visits).map(([id, { time, replays }]) => [
      id,
      {
        met: 1,
        ...(replays ? { [replays > 1 ? "replayed-more" : "replayed-once"]: 1 } : {}),
        ...(time < QUICK ? { quick: 1 } : time > LONG ? { long: 1 } : {}),
      },
    ]);
    forget();
    share(1, Object.fromEntries(found)).then((keep) => keep()).catch(() => undefined);
  });
  page.addEventListener("survey:wiped", () => {
    leaving?.();
    forget();
  });
}
