/**
 * Telephone: sound as the server takes it, `audio/basic`: 8000 samples a second, one mu-law byte each (ITU-T G.711), no
 * container, so nothing in it names a device or a moment. `survey_app/collection/sound.py` reads the same bytes; both are
 * held to `tests/cases/telephone.json`. This module never touches the document.
 */

export const SAMPLES_A_SECOND = 8_000;
export const MOST_SAMPLES = 60 * SAMPLES_A_SECOND;

const BIAS = 132;
const LARGEST = 32_635;

/**
 * Return the mu-law byte of a sample.
 *
 * @param {number} sample from -1 to 1
 */
export function toMuLaw(sample) {
  const level = Math.round(sample * 32_767);
  const sign = level < 0 ? 0x80 : 0;
  const size = Math.min(LARGEST, Math.abs(level)) + BIAS;
  const exponent = 24 - Math.clz32(size);
  return ~(sign | (exponent << 4) | ((size >> (exponent + 3)) & 0x0f)) & 0xff;
}

/**
 * Return the sample of a mu-law byte, from -1 to 1.
 *
 * @param {number} byte
 */
export function fromMuLaw(byte) {
  const turned = ~byte & 0xff;
  const size = ((((turned & 0x0f) << 3) + BIAS) << ((turned & 0x70) >> 4)) - BIAS;
  return (turned & 0x80 ? -size : size) / 32_768;
}

/**
 * Make a function that thins sound out to 8000 samples a second, chunk by chunk: each new sample is the mean of what lies
 * in its time. What is higher than a telephone carries was filtered out before.
 *
 * @param {number} rate samples a second of what comes in
 * @returns {(chunk: ArrayLike<number>) => number[]}
 */
export function makeThinner(rate) {
  const width = rate / SAMPLES_A_SECOND;
  let sum = 0;
  let filled = 0;
  return (chunk) => {
    const thin = [];
    for (const sample of Array.from(chunk)) {
      let left = 1;
      while (filled + left >= width) {
        const part = width - filled;
        thin.push((sum + sample * part) / width);
        left -= part;
        [sum, filled] = [0, 0];
      }
      sum += sample * left;
      filled += left;
    }
    return thin;
  };
}

/**
 * Return how loud a chunk is, from 0 to 1.
 *
 * @param {ArrayLike<number>} chunk
 */
export function loudness(chunk) {
  const squares = Array.from(chunk).reduce((sum, sample) => sum + sample * sample, 0);
  return Math.min(1, Math.sqrt(squares / Math.max(1, chunk.length)) * 4);
}
