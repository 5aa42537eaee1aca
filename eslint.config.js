import js from "@eslint/js";
import globals from "globals";

const noMarkupFromText = [
  "error",
  ...["innerHTML", "outerHTML"].map((property) => ({ property, message: "Text is never markup: use textContent." })),
  { property: "insertAdjacentHTML", message: "Text is never markup: use append." },
];

export default [
  { ignores: ["survey_app/web/static/vendor/", "node_modules/", ".venv/"] },
  js.configs.recommended,
  {
    languageOptions: { ecmaVersion: 2022, sourceType: "module" },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      complexity: ["error", 8],
      eqeqeq: "error",
      "no-eval": "error",
      "no-restricted-properties": noMarkupFromText,
      "no-var": "error",
      "prefer-const": "error",
    },
  },
  {
    files: ["survey_app/web/static/js/{respond,console,enrol}/*.js"],
    languageOptions: { globals: globals.browser },
  },
  {
    // Thinking modules: what they need from the page is an argument.
    files: [
      "survey_app/web/static/js/respond/{comment-delivery,delivery,drain,idle,outbox,response,rules,seal,shelf,tally,telephone}.js",
      "survey_app/web/static/js/console/{keys,masking,stack,stepper}.js",
    ],
    rules: { "no-restricted-globals": ["error", "document", "window", "localStorage", "sessionStorage"] },
  },
  {
    files: ["survey_app/web/static/js/respond/ear.js"],
    languageOptions: { globals: globals.audioWorklet },
  },
  {
    files: ["survey_app/web/static/js/service-worker.js"],
    languageOptions: { globals: { ...globals.serviceworker, FILES: "readonly" } },
  },
  { files: ["tests/faults/*.js"], languageOptions: { globals: globals.browser, sourceType: "script" } },
  { files: ["tests/js/*.js", "eslint.config.js"], languageOptions: { globals: globals.nodeBuiltin } },
];
