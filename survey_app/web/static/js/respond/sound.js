/** Sound: clips are fetched and decoded ahead, so that a voice begins at once. Browsers let it out after a touch. */

import { BLOCKED } from "./queue.js";

const SOUND = 24e3; // samples a second: enough for a voice, and half the memory
const QUIET = 0.01; // of 1: what is softer before the first word is left out
const PATIENCE = 3e3; // milliseconds until a browser that was touched lets sound out: a slow tablet needs one second

/** @type {AudioContext | undefined} */
let speaker;
/** @type {AudioBufferSourceNode | undefined} */
let playing;
/** @type {Map<string, Promise<AudioBuffer>>} */
const clips = new Map();

/** Ask the browser to let sound out; of use while a touch is handled. */
export async function wake() {
  speaker ??= new AudioContext();
  if (speaker.state !== "running") {
    await Promise.race([speaker.resume().catch(() => undefined), new Promise((resolve) => setTimeout(resolve, PATIENCE))]);
  }
  return speaker;
}

/** Fetch and decode a clip; the same one once. @param {string} address */
export function load(address) {
  let clip = clips.get(address);
  if (!clip) {
    clip = decode(address);
    clips.set(address, clip);
    clip.catch(() => clips.delete(address));
  }
  return clip;
}

/** @param {string} address */
async function decode(address) {
  const reply = await fetch(address);
  if (!reply.ok) {
    throw new Error(address);
  }
  return new OfflineAudioContext(1, 1, SOUND).decodeAudioData(await reply.arrayBuffer());
}

/** Keep these clips in memory and forget the others. @param {string[]} addresses */
export function keep(addresses) {
  for (const address of clips.keys()) {
    if (!addresses.includes(address)) {
      clips.delete(address);
    }
  }
  return Promise.allSettled(addresses.map(load));
}

export const stop = () => playing?.stop();

/** A clip, once the browser lets it out. @param {string} address */
export async function ready(address) {
  const [clip, out] = await Promise.all([load(address), wake()]);
  if (out.state !== "running") {
    throw BLOCKED;
  }
  return clip;
}

/** Play a clip that is ready, to its end or until it is stopped. @param {AudioBuffer} clip */
export async function play(clip) {
  const out = (speaker ??= new AudioContext());
  const voice = (playing = out.createBufferSource());
  voice.buffer = clip;
  voice.connect(out.destination);
  const first = clip.getChannelData(0).findIndex((sample) => Math.abs(sample) > QUIET);
  const ended = new Promise((resolve) => voice.addEventListener("ended", resolve));
  voice.start(0, Math.max(first, 0) / clip.sampleRate);
  await ended;
}
