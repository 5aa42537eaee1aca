import assert from "node:assert/strict";
import { test } from "node:test";

import { clearsAfter, count } from "../../survey_app/web/static/js/respond/device-state.js";
import { prepare } from "../../survey_app/web/static/js/respond/prepare.js";
import { findTier } from "../../survey_app/web/static/js/respond/tier.js";

const TONGUE = { page: "/s/1/fr", script: "latin", name: "Français", isExpected: true, bytes: 10 };

/** A worker that keeps what it is told to. */
function worker({ letters = true, voices = 4, lost = 0, gone = "" } = {}) {
  const asked = [];
  const ask = async (message, tell) => {
    asked.push(message);
    const reply = message.act === "keep" ? { act: "kept", letters } : { act: "voices", kept: voices - lost, lost, total: voices };
    tell(reply);
    return reply;
  };
  return { asked, means: { ask, holds: async (page) => page !== gone } };
}

test("a tablet is ready when it holds every page, letter and sound", async () => {
  const { asked, means } = worker();
  const progress = [];
  assert.equal(await prepare("/s/1", [TONGUE], means, (step) => progress.push(step.done / step.total)), "ready");
  assert.deepEqual(asked.map(({ pages }) => pages), [["/s/1"], ["/s/1/fr"], ["/s/1", "/s/1/fr"]]);
  assert.deepEqual(asked.map(({ scripts }) => scripts), [[], ["latin"], undefined]);
  assert.deepEqual(progress, [...progress].sort());
  assert.equal(progress.at(-1), 1);
});

test("a session that begins with another page keeps that one too, and lacks it where it is gone", async () => {
  const tongue = { ...TONGUE, before: "/s/1/fr/news" };
  const { asked, means } = worker();
  assert.equal(await prepare("/s/1", [tongue], means, () => undefined), "ready");
  assert.deepEqual(asked.at(-1).pages, ["/s/1", "/s/1/fr/news", "/s/1/fr"]);
  assert.equal(await prepare("/s/1", [tongue], worker({ gone: "/s/1/fr/news" }).means, () => undefined), "pages");
});

for (const [missing, fault] of Object.entries({ pages: { gone: "/s/1/fr" }, letters: { letters: false }, sounds: { lost: 1 } })) {
  test(`a tablet that lacks ${missing} is not ready`, async () => {
    assert.equal(await prepare("/s/1", [TONGUE], worker(fault).means, () => undefined), missing);
  });
}

test("a tablet without sounds to bring is ready without them", async () => {
  assert.equal(await prepare("/s/1", [TONGUE], worker({ voices: 0 }).means, () => undefined), "ready");
});

test("a worker that does not answer leaves the tablet not ready", async () => {
  const means = { ask: () => Promise.reject(new Error("silent")), holds: async () => true };
  await assert.rejects(prepare("/s/1", [TONGUE], means, () => undefined));
});

test("the tier is what the browser really does", async () => {
  const register = async () => ({});
  const refuse = () => Promise.reject(new Error("SecurityError"));
  assert.equal(await findTier({ isSecure: true, register }), "trusted");
  assert.equal(await findTier({ isSecure: true, register: refuse }), "clicked");
  assert.equal(await findTier({ isSecure: true, register: undefined }), "clicked");
  assert.equal(await findTier({ isSecure: false, register }), "plain");
});

test("what waits is counted by session, the shelf apart", () => {
  const kept = [{ session: "111111" }, { session: "222222", shelved: "different" }, { session: "111111" }];
  assert.deepEqual(count(kept), { waiting: 2, shelved: 1, sessions: { 111111: 2, 222222: 1 } });
});

test("only WebKit that is not on the home screen deletes by itself", () => {
  const ipad = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15";
  const android = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/140.0 Safari/537.36";
  const ipadChrome = "Mozilla/5.0 (iPad; CPU OS 18_0) AppleWebKit/605.1.15 CriOS/140.0 Mobile/15E148 Safari/604.1";
  const firefox = "Mozilla/5.0 (Android 14; Tablet; rv:140.0) Gecko/140.0 Firefox/140.0";
  assert.equal(clearsAfter({ agent: ipad, isStandalone: false }), 7);
  assert.equal(clearsAfter({ agent: ipadChrome, isStandalone: false }), 7);
  assert.equal(clearsAfter({ agent: ipad, isStandalone: true }), undefined);
  assert.equal(clearsAfter({ agent: android, isStandalone: false }), undefined);
  assert.equal(clearsAfter({ agent: firefox, isStandalone: false }), undefined);
});
