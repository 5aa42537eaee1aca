// Hiding words of a comment.

/**
 * @param {string} text
 * @param {number} start of what is selected
 * @param {number} end of it
 * @param {string} mask what stands in its place
 * @returns {string} the text with the selected words masked; the same where none is selected
 */
export function hide(text, start, end, mask) {
  const chosen = text.slice(start, end);
  if (!chosen.trim()) return text;
  const lead = chosen.length - chosen.trimStart().length;
  const trail = chosen.length - chosen.trimEnd().length;
  return text.slice(0, start + lead) + mask + text.slice(end - trail);
}
