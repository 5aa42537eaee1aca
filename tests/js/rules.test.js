import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";

import { isTrue, path } from "../../survey_app/web/static/js/respond/rules.js";

const { questionnaires, cases } = JSON.parse(readFileSync(new URL("../cases/rules.json", import.meta.url), "utf8"));

describe("the path of a respondent, as the server walks it", () => {
  it("has cases to walk", () => assert.ok(cases.length >= 25));

  for (const example of cases) {
    it(example.name, () => {
      const questionnaire = { items: questionnaires[example.questionnaire] };
      const met = path(questionnaire, example.activities, example.answers, example.off_scale);
      assert.deepEqual(
        met.map((item) => item.id),
        example.path,
      );
    });
  }
});

describe("a condition", () => {
  it("does not mistake an object's own properties for answers", () => {
    assert.equal(isTrue({ item: "constructor", is_one_of: ["no"] }, {}, {}), false);
    assert.equal(isTrue({ item: "one", is_one_of: ["no"] }, { one: "no" }, Object.create({ one: "no-answer" })), true);
  });
});
