// What browsers have and TypeScript's library does not describe.
interface ServiceWorkerRegistration {
  readonly sync?: { register(tag: string): Promise<void> };
}

// What `ear.js` finds where the browser makes sound.
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;
