/** Recorder: from the microphone to the bytes of `telephone.js`, and from them to the loudspeaker. The only file that knows either. */

import { MOST_SAMPLES, SAMPLES_A_SECOND, fromMuLaw, loudness, makeThinner, toMuLaw } from "./telephone.js";

const HIGHEST = 3_400; // hertz that a telephone carries

/** Say whether this browser could record at all; whether it may, only asking tells. */
export function canRecord() {
  return isSecureContext && typeof AudioWorkletNode === "function" && Boolean(navigator.mediaDevices?.getUserMedia);
}

/**
 * Record until told to stop, or until a minute is full.
 *
 * @param {(share: number, loud: number) => void} hear told how much of the minute is used and how loud it is, 0 to 1
 * @param {() => void} whenFull
 * @returns {Promise<() => Uint8Array<ArrayBuffer>>} stops, lets the microphone go and gives what was said
 */
export async function record(hear, whenFull) {
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true },
  });
  const context = new AudioContext();
  const letGo = () => {
    stream.getTracks().forEach((track) => track.stop());
    void context.close();
  };
  const said = new Uint8Array(MOST_SAMPLES);
  let length = 0;
  let isOver = false;
  try {
    const ear = await listen(context, stream);
    const thin = makeThinner(context.sampleRate);
    ear.port.onmessage = ({ data }) => {
      for (const sample of isOver ? [] : thin(data)) {
        if (length < MOST_SAMPLES) {
          said[length++] = toMuLaw(sample);
        }
      }
      if (!isOver) {
        hear(length / MOST_SAMPLES, loudness(data));
      }
      if (!isOver && length === MOST_SAMPLES) {
        isOver = true;
        whenFull();
      }
    };
  } catch (error) {
    letGo();
    throw error;
  }
  return () => {
    isOver = true;
    letGo();
    return said.slice(0, length);
  };
}

/**
 * Join the microphone to an ear, less what is higher than a telephone carries.
 *
 * @param {AudioContext} context
 * @param {MediaStream} stream
 */
async function listen(context, stream) {
  await context.audioWorklet.addModule(new URL("./ear.js", import.meta.url).href);
  await context.resume();
  const [low, lower] = [0, 1].map(() => new BiquadFilterNode(context, { type: "lowpass", frequency: HIGHEST }));
  const ear = new AudioWorkletNode(context, "ear", { numberOfOutputs: 1 });
  if (!low || !lower) {
    throw new Error("There is no filter.");
  }
  // An ear that leads nowhere is not run by every browser; it passes on silence.
  context.createMediaStreamSource(stream).connect(low).connect(lower).connect(ear).connect(context.destination);
  return ear;
}

/**
 * Play what was said.
 *
 * @param {Uint8Array} said
 * @param {() => void} whenOver
 * @returns {() => void} stops
 */
export function play(said, whenOver) {
  const context = new AudioContext();
  const buffer = context.createBuffer(1, Math.max(1, said.length), SAMPLES_A_SECOND);
  buffer.copyToChannel(Float32Array.from(said, fromMuLaw), 0);
  const source = new AudioBufferSourceNode(context, { buffer });
  source.onended = () => {
    void context.close().catch(() => undefined);
    whenOver();
  };
  source.connect(context.destination);
  source.start();
  return () => source.stop();
}
