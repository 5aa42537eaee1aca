import assert from "node:assert/strict";
import { test } from "node:test";

import { step } from "../../survey_app/web/static/js/console/stepper.js";

test("plus and minus count people", () => {
  assert.equal(step("9", 1, 500), 10);
  assert.equal(step("9", -1, 500), 8);
});

test("a group has at least one person and at most as many as allowed", () => {
  assert.equal(step("1", -1, 500), 1);
  assert.equal(step("500", 1, 500), 500);
  assert.equal(step("9999", -1, 500), 500);
});

test("what is no number counts from nothing", () => {
  assert.equal(step("", 1, 500), 1);
  assert.equal(step("many", -1, 500), 1);
  assert.equal(step("12 people", 1, 500), 13);
});
