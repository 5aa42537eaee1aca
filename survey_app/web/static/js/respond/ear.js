/** Ear: passes on what the microphone hears. Runs where the browser makes sound, apart from the page. */

class Ear extends AudioWorkletProcessor {
  /** @param {Float32Array[][]} inputs */
  process(inputs) {
    const channel = inputs[0]?.[0];
    if (channel) {
      this.port.postMessage(channel.slice());
    }
    return true;
  }
}

registerProcessor("ear", Ear);
