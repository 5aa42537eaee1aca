// What the server writes before the worker's text, and what TypeScript's library does not describe.
declare const FILES: { version: string; shell: string[]; fonts: Record<string, string[]> };

interface ServiceWorkerGlobalScopeEventMap {
  sync: ExtendableEvent & { readonly tag: string };
}
