/**
 * The line to the service worker: ask, and wait for its replies, but not for ever.
 */

const SILENCE = 60_000; // milliseconds without any reply
/** What the worker answers to what. @type {Record<string, string>} */
const REPLIES = { keep: "kept", "keep-voices": "voices" };

/** @param {any} reply */
const isLast = (reply) => reply.act !== "voices" || reply.kept + (reply.lost ?? 0) >= reply.total;

/**
 * @param {{act: string}} message
 * @param {(reply: any) => void} tell
 * @returns {Promise<any>} the last reply
 */
export async function askWorker(message, tell) {
  const { active } = await navigator.serviceWorker.ready;
  return new Promise((resolve, reject) => {
    /** @type {ReturnType<typeof setTimeout>} */
    let timer;
    const stop = () => {
      clearTimeout(timer);
      navigator.serviceWorker.removeEventListener("message", hear);
    };
    const wait = () => {
      clearTimeout(timer);
      timer = setTimeout(() => (stop(), reject(new Error("The worker does not answer."))), SILENCE);
    };
    /** @param {MessageEvent} event */
    const hear = ({ data }) => {
      if (data?.act !== REPLIES[message.act]) {
        return;
      }
      wait();
      tell(data);
      if (isLast(data)) {
        stop();
        resolve(data);
      }
    };
    navigator.serviceWorker.addEventListener("message", hear);
    navigator.serviceWorker.startMessages();
    wait();
    active?.postMessage(message);
  });
}
