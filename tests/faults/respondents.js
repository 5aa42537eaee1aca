/**
 * Respondents who are quick: they touch what is on the form as fingers do, by its own buttons and its own "Send".
 * An init script of every page that a fault test opens.
 */

const PATIENCE = 45_000; // milliseconds

const touch = (/** @type {string} */ selector) => document.querySelector(selector)?.click();
const isShown = (/** @type {string} */ selector) => document.querySelector(selector)?.hidden === false;
const pause = (/** @type {number} */ milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** One person answers some questions and thinks. */
window.answerHalf = (codes) => {
  touch("[data-action=start]");
  for (const [item, code] of codes) {
    touch(`.step[data-item="${item}"] input[value="${code}"]`);
  }
};

/**
 * One person answers everything and touches "Send", again and again, until the tablet says something.
 *
 * @returns {Promise<boolean>} whether they were thanked; else the tablet says that it could keep nothing yet
 */
async function answerOne([number, codes]) {
  touch("[data-action=start]");
  touch("#try input");
  document.querySelector("[data-not-kept]").hidden = true;
  for (const [item, code] of codes) {
    touch(`.step[data-item="${item}"] input[value="${code}"]`);
  }
  for (let step = 0; document.querySelector("#send").hidden; step += 1) {
    if (step > codes.length + 2) {
      throw new Error("The form does not come to its end.");
    }
    touch("[data-action=next]");
  }
  const until = performance.now() + PATIENCE;
  while (!isShown("#thanks")) {
    document.querySelector("form[data-session]").requestSubmit(); // an impatient finger: it counts once
    await pause(2);
    if (isShown("[data-not-kept]")) {
      return false;
    }
    if (performance.now() > until) {
      throw new Error("The tablet says nothing.");
    }
  }
  await window.tellSent(number);
  return true;
}

/** One after the other; who could not be thanked keeps the tablet. */
window.answerAll = async (people) => {
  for (const person of people) {
    if (!(await answerOne(person))) {
      return { notKept: [person[0]] };
    }
  }
  return { notKept: [] };
};

/** What the last screen says in the end; it may think better of it while a round of sending is under way. */
window.readSentence = async () => {
  const wheres = () => ["kept", "waiting"].filter((where) => isShown(`[data-where=${where}]`)).join();
  const start = performance.now();
  while (!wheres() || performance.now() - start < 150) {
    await pause(10);
    if (performance.now() - start > PATIENCE) {
      throw new Error("The last screen does not say where the answers are.");
    }
  }
  return wheres();
};

/** What the corner for staff says once the page's round of sending is over. */
window.readLight = async () => {
  while (!document.documentElement.dataset.sent) {
    await pause(10);
  }
  const count = (name) => {
    const part = document.querySelector(`[data-count=${name}]`);
    return part && !part.hidden ? Number(part.querySelector("b").textContent) : 0;
  };
  return { waiting: count("waiting"), shelved: count("shelved"), offline: isShown("[data-offline]") };
};
