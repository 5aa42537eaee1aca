import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { judge, pauseAfter } from "../../survey_app/web/static/js/respond/delivery.js";

const A = "0b6a1f0e-8f0c-4c53-9a41-5f2b8b3c9d10";
const B = "1c6a1f0e-8f0c-4c53-9a41-5f2b8b3c9d11";

const receiptFor = (id) => ({ status: 201, text: JSON.stringify({ receipt: id, status: "stored" }) });

describe("a reply", () => {
  it("is a receipt only where it names the response", () => {
    assert.equal(judge(receiptFor(A), A), "received");
    assert.equal(judge({ ...receiptFor(A), status: 200 }, A), "received");
    assert.equal(judge(receiptFor(B), A), "wait");
  });

  for (const text of ["", "<h1>Welcome to the hotel</h1>", "null", "7", '"yes"', "{}", "[]", `"${A}"`]) {
    it(`that says 200 and ${JSON.stringify(text)} is no receipt`, () => {
      assert.equal(judge({ status: 200, text }, A), "wait");
    });
  }

  const problem = (status, code) => ({ status, text: JSON.stringify({ type: `urn:survey-app:problem:${code}`, status }) });

  for (const status of [404, 409, 410, 413, 422]) {
    it(`of ${status} puts the response on the shelf`, () => assert.equal(judge(problem(status, "x"), A), "shelve"));
  }

  for (const status of [401, 403]) {
    it(`of ${status} stops this tablet`, () => assert.equal(judge(problem(status, "device-revoked"), A), "stop"));
  }

  it("of 426 asks for newer pages", () => assert.equal(judge(problem(426, "client-too-old"), A), "outdated"));

  for (const status of [400, 408, 415, 429, 500, 502, 503, 504]) {
    it(`of ${status} lets the response wait`, () => assert.equal(judge(problem(status, "x"), A), "wait"));
  }

  for (const text of ["", "{}", "<h1>Sign in</h1>", '{"type":"about:blank"}', '{"type":7}', '{"type":"urn:survey-app:problem:"}']) {
    it(`that bears no problem of ours lets the response wait, whatever its status: ${text}`, () => {
      for (const status of [0, 301, 401, 403, 404, 409, 410, 413, 422, 426]) {
        assert.equal(judge({ status, text }, A), "wait");
      }
    });
  }

  it("of an error that carries a receipt is no receipt", () => {
    assert.equal(judge({ ...receiptFor(A), status: 500 }, A), "wait");
  });
});

describe("the pause before the next round", () => {
  it("grows, stays under five minutes and differs between tablets", () => {
    assert.equal(pauseAfter(0, 1), 5_000);
    assert.equal(pauseAfter(0, 0), 2_500);
    assert.ok(pauseAfter(3, 0.5) > pauseAfter(2, 0.5));
    assert.equal(pauseAfter(60, 1), 300_000);
    assert.ok(Number.isFinite(pauseAfter(5_000, 1)));
  });
});
