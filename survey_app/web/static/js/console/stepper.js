// The number of people that a press on "+" or "−" leads to.

/**
 * @param {string} typed what stands in the field; anything may
 * @param {number} by 1 or -1
 * @param {number} most the largest group
 * @returns {number} from 1 to `most`
 */
export function step(typed, by, most) {
  const now = Number.parseInt(typed, 10);
  return Math.min(most, Math.max(1, (Number.isNaN(now) ? 0 : now) + by));
}
