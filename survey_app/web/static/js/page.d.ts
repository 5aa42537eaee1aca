// What browsers have and TypeScript's library does not describe.
interface ServiceWorkerRegistration {
  readonly sync?: { register(tag: string): Promise<void> };
}
