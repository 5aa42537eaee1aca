/**
 * Comment: a person speaks, writes, or says nothing more. What is said is kept when "Keep" is touched, what is written when
 * the answers are sent; both leave by themselves, later (`comment-delivery.js`). Until then they are in memory only, and
 * gone with "Leave".
 *
 * @typedef {"choosing" | "ready" | "asking" | "recording" | "recorded" | "kept" | "writing"} State
 */

import { drawMoment, putComment } from "./comment-delivery.js";
import { deliver } from "./connection.js";
import { commentBox } from "./outbox.js";
import { canRecord, play, record } from "./recorder.js";
import { drawId } from "./response.js";

/** @param {HTMLElement} step the step that asks for a comment */
export function takeComments(step) {
  const parts = /** @type {HTMLElement[]} */ ([...step.querySelectorAll("[data-when]")]);
  const text = step.querySelector("textarea");
  const ring = /** @type {HTMLElement | null} */ (step.querySelector("[data-ring]"));
  let maySpeak = canRecord();
  /** @type {State} */
  let state = "choosing";
  /** @type {Uint8Array<ArrayBuffer> | undefined} */
  let said;
  /** @type {(() => Uint8Array<ArrayBuffer>) | undefined} */
  let stopRecording;
  /** @type {(() => void) | undefined} */
  let stopPlaying;

  /** @param {State} wanted */
  const show = (wanted) => {
    state = wanted;
    for (const part of parts) {
      const isSpeech = "speech" in part.dataset;
      part.hidden = !part.dataset.when?.split(" ").includes(state) || (isSpeech && !maySpeak);
    }
    step.dataset.state = state;
  };

  const begin = async () => {
    show("asking");
    draw(0, 0);
    try {
      const stop = await record(draw, end);
      if (state !== "asking") {
        stop(); // the person went on while the browser asked
        return;
      }
      stopRecording = stop;
      show("recording");
      focusOn("stop");
    } catch {
      maySpeak = false; // refused, or there is no microphone: writing is left
      show("writing");
      text?.focus();
    }
  };

  const end = () => {
    if (stopRecording) {
      said = stopRecording();
      stopRecording = undefined;
      show(said.length > 0 ? "recorded" : "ready");
      focusOn(said.length > 0 ? "listen" : "record");
    }
  };

  /** Someone who speaks is there, also without a touch. @param {number} share @param {number} loud */
  const draw = (share, loud) => {
    ring?.style.setProperty("--left", String(1 - share));
    ring?.style.setProperty("--loud", String(loud));
    document.dispatchEvent(new Event("input"));
  };

  const quieten = () => {
    stopPlaying?.();
    stopPlaying = undefined;
  };

  const listen = () => {
    if (stopPlaying || !said) {
      quieten();
      return;
    }
    const mine = play(said, () => {
      stopPlaying = stopPlaying === mine ? undefined : stopPlaying;
    });
    stopPlaying = mine;
  };

  const forget = () => {
    quieten();
    stopRecording?.();
    stopRecording = said = undefined;
  };

  /** @param {string} act */
  const focusOn = (act) =>
    /** @type {HTMLElement | null} */ (step.querySelector(`[data-comment=${act}]`))?.focus({ preventScroll: true });

  const nothing = () => {
    forget();
    if (text) {
      text.value = "";
    }
    show("choosing");
  };

  /** @type {Record<string, () => void>} */
  const acts = {
    speak: () => show("ready"),
    write: () => {
      show("writing");
      text?.focus();
    },
    nothing,
    record: () => void begin(),
    stop: end,
    listen,
    delete: () => {
      forget();
      show("ready");
      focusOn("record");
    },
    keep: () => {
      quieten();
      show("kept");
    },
  };

  step.addEventListener("click", (event) => {
    const pressed = event.target instanceof Element ? event.target.closest("button") : null;
    acts[pressed?.dataset.comment ?? ""]?.();
  });
  document.addEventListener("survey:step", (event) => {
    if (/** @type {CustomEvent} */ (event).detail !== step) {
      leave();
    }
  });
  document.addEventListener("visibilitychange", () => document.hidden && leave());
  document.addEventListener("survey:wiped", nothing);
  document.addEventListener("survey:sent", (event) => {
    const { session } = /** @type {CustomEvent<{session: string}>} */ (event).detail;
    const written = text?.value.trim();
    void keepAll(session, step.closest("form")?.dataset.key, [
      ...(state === "kept" && said ? [/** @type {Words} */ ({ type: "audio/basic", body: said })] : []),
      ...(written ? [/** @type {Words} */ ({ type: "text/plain", body: new TextEncoder().encode(written) })] : []),
    ]);
  });

  /** Another step is on the screen, or another window: nobody records or plays unseen. */
  const leave = () => {
    quieten();
    end();
    if (state === "asking") {
      show("ready");
    }
  };

  show(text?.value ? "writing" : "choosing");
}

/**
 * Seal what was said and written and keep it until its moment comes; what cannot be sealed or stored is sent at once.
 *
 * @typedef {{type: "audio/basic" | "text/plain", body: Uint8Array<ArrayBuffer>}} Words
 * @param {string} session
 * @param {string | undefined} key as the page bears it
 * @param {Words[]} words
 */
async function keepAll(session, key, words) {
  for (const { type, body } of words) {
    const about = { id: drawId(crypto), session };
    try {
      const { readKey, sealComment } = await import("./seal.js");
      const sealed = await sealComment(readKey(key), about, type, body);
      await commentBox.put({ ...sealed, due: drawMoment(Date.now(), Math.random()) });
    } catch {
      await putComment({ ...about, type, body }).catch(() => undefined); // no WebCrypto on a plain address, or no room
    }
  }
  if (words.length > 0) {
    await deliver(); // it looks when the next one is due
  }
}
