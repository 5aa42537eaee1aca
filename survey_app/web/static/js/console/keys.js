/**
 * What a key means while a paper is keyed in. This module never touches the document.
 *
 * @typedef {{several: boolean, keys: Record<string, string>, alone: ReadonlySet<string>}} Question values by digit; digits
 *   that exclude every other
 * @typedef {{marked: string[], goes: "on" | "nowhere"}} Pressed digits that are marked now, and where the hand goes
 */

const BY_PLACE = /^(?:Digit|Numpad)(\d)$/;

/**
 * Return the digit of a key press: by its place, as Belgian keyboards want Shift for digits and laptops Num Lock; by
 * what it writes where no place is known, as on a telephone.
 *
 * @param {{code: string, key: string}} event
 * @returns {string | null}
 */
export function digitOf(event) {
  const place = BY_PLACE.exec(event.code);
  if (place) return place[1] ?? null;
  return /^\d$/.test(event.key) ? event.key : null;
}

/**
 * Press a digit on a question.
 *
 * @param {Question} question
 * @param {readonly string[]} marked digits that are marked before
 * @param {string} digit
 * @returns {Pressed | null} null where no box has this digit
 */
export function press(question, marked, digit) {
  if (!(digit in question.keys)) return null;
  if (!question.several || question.alone.has(digit)) return { marked: [digit], goes: "on" };
  const others = marked.filter((one) => one !== digit && !question.alone.has(one));
  return { marked: marked.includes(digit) ? others : [...others, digit], goes: "nowhere" };
}
