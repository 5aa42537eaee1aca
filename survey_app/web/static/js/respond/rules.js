/**
 * Skip logic: which items a respondent meets. `survey_app/questionnaire/rules.py` says the same to the server.
 * Both are held to `tests/cases/rules.json`. This module never touches the document.
 *
 * @typedef {{item: string, is_one_of: readonly string[]}} Is
 * @typedef {{all: readonly Rule[]}} All
 * @typedef {{any: readonly Rule[]}} AnyOf
 * @typedef {{not: Rule}} Not
 * @typedef {Is | All | AnyOf | Not} Rule
 *
 * @typedef {{id: string, activity?: string | null, ask_if?: Rule | null}} Item
 * @typedef {Readonly<Record<string, string | readonly string[]>>} Answers Item to code, or to several codes.
 * @typedef {Readonly<Record<string, string>>} OffScale Item to its answer off the scale.
 */

/**
 * Tell whether a condition is true. An item without an answer, or with one off the scale, matches no code.
 *
 * @param {Rule} rule
 * @param {Answers} answers
 * @param {OffScale} offScale
 * @returns {boolean}
 */
export function isTrue(rule, answers, offScale) {
  if ("all" in rule) {
    return rule.all.every((inner) => isTrue(inner, answers, offScale));
  }
  if ("any" in rule) {
    return rule.any.some((inner) => isTrue(inner, answers, offScale));
  }
  if ("not" in rule) {
    return !isTrue(rule.not, answers, offScale);
  }
  return matches(rule, answers, offScale);
}

/**
 * Return the items that a respondent meets, in order: asked where a project does `activities`, and their condition is
 * true. An answer to an item that is itself off the path counts as not given.
 *
 * @template {Item} T
 * @param {{items: readonly T[]}} questionnaire
 * @param {readonly string[]} activities
 * @param {Answers} answers
 * @param {OffScale} offScale
 * @returns {T[]}
 */
export function path(questionnaire, activities, answers, offScale) {
  /** @type {T[]} */
  const met = [];
  /** @type {Record<string, string | readonly string[]>} */
  const known = {};
  for (const item of questionnaire.items) {
    if (!isAsked(item, activities) || (item.ask_if && !isTrue(item.ask_if, known, offScale))) {
      continue;
    }
    met.push(item);
    const given = Object.hasOwn(answers, item.id) ? answers[item.id] : undefined;
    if (given !== undefined) {
      known[item.id] = given;
    }
  }
  return met;
}

/**
 * @param {Item} item
 * @param {readonly string[]} activities
 */
function isAsked(item, activities) {
  return item.activity === undefined || item.activity === null || activities.includes(item.activity);
}

/**
 * @param {Is} rule
 * @param {Answers} answers
 * @param {OffScale} offScale
 */
function matches(rule, answers, offScale) {
  const given = Object.hasOwn(answers, rule.item) ? answers[rule.item] : undefined;
  if (given === undefined || Object.hasOwn(offScale, rule.item)) {
    return false;
  }
  const codes = typeof given === "string" ? [given] : given;
  return codes.some((code) => rule.is_one_of.includes(code));
}
