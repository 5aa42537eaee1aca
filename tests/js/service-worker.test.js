/** The service worker itself, as it is served, in a browser that is made of arguments: what waits for what, and what is told to the browser. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";

const SOURCE = readFileSync(new URL("../../survey_app/web/static/js/service-worker.js", import.meta.url), "utf8");
const IMPORTS = /^import \{ (.+) \} from .+$/gm;
const PARTS = [...SOURCE.matchAll(IMPORTS)].flatMap(([, names]) => names.split(", "));
const ORIGIN = "https://survey.local";
const NEVER = new Promise(() => {});

const request = (address) => ({ url: new URL(address, ORIGIN).href });
const ours = () => new Response("page", { headers: { "survey-app-page": "respond", "survey-app-edition": "new" } });

/** The caches of a browser, by name: the addresses that each holds. */
function cachesOf(kept) {
  const names = new Map(Object.entries(kept).map(([name, addresses]) => [name, new Set(addresses)]));
  return {
    names,
    keys: async () => [...names.keys()],
    delete: async (name) => names.delete(name),
    open: async (name) => {
      const addresses = names.get(name) ?? names.set(name, new Set()).get(name);
      return {
        keys: async () => [...addresses].map(request),
        put: async (address) => void addresses.add(address),
        addAll: async (requests) => requests.forEach(({ url }) => addresses.add(url)),
      };
    },
  };
}

/** Start the worker. @returns a function that tells it of an event, and gives the promise that the browser waits for */
function start({ kept = {}, fetch = () => NEVER, outcome = "done" } = {}) {
  const [heard, caches, done] = [new Map(), cachesOf(kept), []];
  const self = {
    addEventListener: (name, act) => heard.set(name, act),
    clients: { claim: async () => void done.push("claimed") },
    registration: { installing: null, waiting: null },
  };
  const world = {
    FILES: { version: "new", shell: [], fonts: {} },
    location: { origin: ORIGIN },
    self,
    caches,
    fetch,
    ...Object.fromEntries(PARTS.map((name) => [name, {}])),
    alone: (round) => round(),
    drain: async () => ({ outcome }),
    sendDue: async () => void done.push("comments"),
  };
  new Function(...Object.keys(world), SOURCE.replaceAll(IMPORTS, ""))(...Object.values(world));
  const tell = (name, more = {}) => {
    const waited = [];
    heard.get(name)({ waitUntil: (promise) => waited.push(promise), ...more });
    return Promise.all(waited);
  };
  return { tell, done, caches };
}

const BEFORE = { "pages-old": ["/s/111111", "/s/222222"], "shell-old": [], voices: [] };

describe("a worker of a new version", () => {
  it("takes over without asking a server that may be silent, and leaves what only the version before has", async () => {
    const { tell, done, caches } = start({ kept: { ...BEFORE, "pages-new": ["/s/111111"] } });
    await tell("activate");
    assert.deepEqual(done, ["claimed"]);
    assert.ok(caches.names.get("pages-old").has("/s/222222"));
  });

  it("drops the version before at once where it has every page itself", async () => {
    const { tell, caches } = start({ kept: { ...BEFORE, "pages-new": ["/s/111111", "/s/222222"] } });
    await tell("activate");
    assert.deepEqual([...caches.names.keys()].sort(), ["pages-new", "voices"]);
  });

  for (const [name, fetch, left] of [
    ["fetched them", async () => ours(), ["pages-new", "shell-new", "voices"]],
    ["not fetched them", async () => Promise.reject(new TypeError("offline")), ["pages-new", "pages-old", "shell-new", "shell-old", "voices"]],
  ]) {
    it(`has the pages of the version before until it has ${name}, whenever a session is kept`, async () => {
      const { tell, caches } = start({ kept: BEFORE, fetch });
      const data = { act: "keep", pages: ["/s/111111"], scripts: [] };
      await tell("message", { data });
      assert.deepEqual([...caches.names.keys()].sort(), left);
    });
  }

  it("tells that a session is kept before it asks for the pages of others", async () => {
    const told = [];
    const fetch = async (address) => (address === "/s/222222" ? NEVER : ours());
    const { tell } = start({ kept: BEFORE, fetch });
    await new Promise((resolve) => {
      const source = { postMessage: (message) => resolve(told.push(message)) };
      void tell("message", { data: { act: "keep", pages: ["/s/111111"], scripts: [] }, source });
    });
    assert.deepEqual(told, [{ act: "kept", pages: 2, letters: true }]);
  });
});

describe("a worker that the browser wakes to send", () => {
  it("is woken again where something could not get through", async () => {
    const { tell, done } = start({ outcome: "wait" });
    await assert.rejects(tell("sync"), /still waits/);
    assert.deepEqual(done, ["comments"], "they have a moment of their own");
  });

  for (const outcome of ["done", "stop", "outdated"]) {
    it(`is left in peace after "${outcome}"`, () => start({ outcome }).tell("sync"));
  }
});
