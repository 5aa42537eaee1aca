/**
 * The enrolment page: leads to the name where the tablet knows it, to the address where it does not, and holds back from a
 * page that the browser would warn of. The page works without this.
 */

const PATIENCE = 4_000; // milliseconds

/** Hand on what stands behind # in the address: a one-time link that only the next page may read. */
function carryOn() {
  for (const link of document.querySelectorAll("a[data-carry]")) {
    /** @type {HTMLAnchorElement} */ (link).hash = location.hash;
  }
}

/** @param {string} address */
async function answers(address) {
  try {
    await fetch(address, { mode: "no-cors", cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
    return true;
  } catch {
    return false;
  }
}

/** @param {HTMLAnchorElement} link */
async function chooseAddress(link) {
  const { byName = "", byAddress = "", nameProbe = "" } = link.dataset;
  const best = nameProbe && (await answers(nameProbe)) ? byName : byAddress;
  link.href = best + new URL(link.href).pathname + location.hash;
  return best;
}

/** A first press on a laptop that is not trusted yet says so; a second one goes there all the same. @param {HTMLAnchorElement} link */
function checkFirst(link) {
  const untrusted = document.querySelector("[data-untrusted]");
  link.addEventListener("click", async (event) => {
    if (untrusted && !untrusted.hasAttribute("hidden")) {
      return;
    }
    event.preventDefault();
    if (await answers(`${await chooseAddress(link)}/healthz`)) {
      location.assign(link.href);
    } else {
      untrusted?.removeAttribute("hidden");
    }
  });
}

carryOn();
const check = /** @type {HTMLAnchorElement | null} */ (document.querySelector("a[data-check]"));
if (check) {
  checkFirst(check);
}
