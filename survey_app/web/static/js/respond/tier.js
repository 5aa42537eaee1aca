/**
 * Tier: how much this tablet can do without the laptop, found by doing it.
 *
 * @typedef {"trusted" | "clicked" | "plain"} Tier `trusted`: pages open without a network; `clicked`: the browser's warning
 *   was clicked away, answers can be sealed but no page opens without the network; `plain`: an address without encryption.
 *
 * @typedef {object} Browser What is asked of the browser.
 * @property {boolean} isSecure
 * @property {(() => Promise<unknown>) | undefined} register Registers the service worker; absent where there is none.
 */

/** @param {Browser} browser @returns {Promise<Tier>} */
export async function findTier({ isSecure, register }) {
  if (!isSecure) {
    return "plain";
  }
  try {
    if (register) {
      await register();
      return "trusted";
    }
  } catch {
    // SecurityError: the certificate was not trusted when the worker was fetched.
  }
  return "clicked";
}
