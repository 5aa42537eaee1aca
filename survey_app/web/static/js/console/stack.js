/**
 * A stack of papers while it is keyed in, in the memory of one page. This module never touches the document.
 *
 * Once: a paper waits until the next one is done, so that the last one can be taken back; then it is sent and forgotten.
 * Twice: nothing is sent before the whole stack was keyed in a second time and agrees; where it differs, staff look at the
 * paper, and what they press then stands.
 *
 * @typedef {Record<string, string[]>} Marks values by question
 * @typedef {{id: string, language: string, marks: Marks}} Paper
 * @typedef {"once" | "first" | "second"} Pass
 */

/**
 * @param {Paper} one
 * @param {Paper} other
 * @returns {string[]} the questions that differ, the language as `language`
 */
export function compare(one, other) {
  const say = (/** @type {string[] | undefined} */ values) => [...(values ?? [])].sort().join(" ");
  const questions = [...new Set([...Object.keys(one.marks), ...Object.keys(other.marks)])];
  const differing = questions.filter((question) => say(one.marks[question]) !== say(other.marks[question]));
  return one.language === other.language ? differing : ["language", ...differing];
}

/** A new stack. */
export function makeStack() {
  /** @type {Paper[]} */
  let kept = []; // once: the last paper at most; twice: all of the first pass
  /** @type {Paper[]} */
  let outgoing = [];
  /** @type {Pass} */
  let pass = "once";
  let entered = 0;
  let place = 0;

  const hurry = () => {
    outgoing = [...outgoing, ...kept];
    kept = [];
  };

  /** @param {Paper} paper @param {boolean} looked */
  const check = (paper, looked) => {
    const first = /** @type {Paper} */ (kept[place]);
    const differing = compare(first, paper);
    if (differing.length > 0 && !looked) return differing;
    kept[place] = { ...paper, id: first.id };
    place += 1;
    if (place === kept.length) {
      hurry();
      pass = "once";
    }
    return [];
  };

  return {
    /** What staff see: which pass it is, papers keyed in, and how far the second pass has come. */
    get state() {
      return { pass, entered, place, total: kept.length, unsent: kept.length + outgoing.length };
    },

    /** Key the stack in twice, or once; only while it is empty. @param {boolean} twice */
    choose(twice) {
      if (kept.length === 0) pass = twice ? "first" : "once";
    },

    /**
     * A paper is done.
     *
     * @param {Paper} paper
     * @param {boolean} looked staff looked at the paper after a difference: what is pressed now stands
     * @returns {string[]} questions that differ from the first time; the paper is not done then
     */
    complete(paper, looked = false) {
      if (pass === "second") return check(paper, looked);
      if (pass === "once") hurry();
      kept.push(paper);
      entered += 1;
      return [];
    },

    /** Take the last paper back. @returns {Marks | null} its marks, none in a second pass; null where there is nothing to take */
    takeBack() {
      if (pass === "second") {
        if (place === 0) return null;
        place -= 1;
        return {};
      }
      const last = kept.pop();
      if (last === undefined) return null;
      entered -= 1;
      return last.marks;
    },

    /** That was the last paper: send it, or begin the second pass. */
    finish() {
      if (pass === "first" && kept.length > 0) {
        pass = "second";
        place = 0;
      } else if (pass === "once") {
        hurry();
      }
    },

    /** The next paper to send. */
    next: () => outgoing[0],

    /** A paper is durable: nothing of it stays here. @param {string} id */
    forget(id) {
      outgoing = outgoing.filter((paper) => paper.id !== id);
    },
  };
}
