/**
 * Prepare: brings the pages, letters, pictures and sounds of a session onto this tablet, and believes only what it finds
 * there afterwards. What it needs of the browser are arguments.
 *
 * @typedef {{page: string, before?: string, script: string, name: string, isExpected: boolean, bytes: number}} Tongue `page`: the
 *   form in this language; `before`: what the session begins with, where that is another page; `bytes`: of its sounds.
 *
 * @typedef {{done: number, total: number}} Progress
 *
 * @typedef {object} Means
 * @property {(message: {act: string, pages: string[], scripts?: string[]}, tell: (reply: any) => void) => Promise<any>} ask Asks the worker; resolves with its last
 *   reply, rejects where none comes.
 * @property {(address: string) => Promise<boolean>} holds Whether the tablet holds this page.
 */

/** @param {Document} wall the page on which a respondent chooses a language @returns {Tongue[]} */
export function readTongues(wall) {
  return Array.from(wall.querySelectorAll("a[data-keep]"), (link) => ({
    page: link.getAttribute("data-then") ?? link.getAttribute("href") ?? "",
    before: link.hasAttribute("data-then") ? (link.getAttribute("href") ?? "") : "",
    script: link.getAttribute("data-script") ?? "",
    name: link.textContent.trim(),
    isExpected: link.hasAttribute("data-expected"),
    bytes: Number(link.getAttribute("data-sound") ?? 0),
  }));
}

/** The pages of a language, in the order in which they are met. @param {Tongue} tongue */
export const pagesOf = ({ page, before }) => (before ? [before, page] : [page]);

/**
 * @param {string} wall
 * @param {Tongue[]} tongues
 * @param {Means} means
 * @param {(progress: Progress) => void} tell
 * @returns {Promise<"ready" | "pages" | "letters" | "sounds">} what is missing, or nothing
 */
export async function prepare(wall, tongues, { ask, holds }, tell) {
  const pages = [wall, ...tongues.flatMap(pagesOf)];
  const scripts = new Map(tongues.map(({ page, script }) => [page, script]));
  let letters = true;
  for (const [at, page] of pages.entries()) {
    tell({ done: at, total: pages.length * 2 });
    const script = scripts.get(page);
    const kept = await ask({ act: "keep", pages: [page], scripts: script ? [script] : [] }, () => undefined);
    letters &&= kept.letters;
  }
  const voices = await ask({ act: "keep-voices", pages }, ({ kept, total }) => {
    tell({ done: pages.length * (1 + kept / Math.max(1, total)), total: pages.length * 2 });
  });
  const held = await Promise.all(pages.map(holds));
  if (held.includes(false)) {
    return "pages";
  }
  if (!letters) {
    return "letters";
  }
  return voices.kept === voices.total ? "ready" : "sounds";
}
