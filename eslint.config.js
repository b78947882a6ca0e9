// What `make check` asks of the pages' JavaScript beyond its types (tsconfig.json): sizes, and no text that becomes markup or code.

const PAGES = ["services/web/web/design/static/**/*.js", "*/*/web/static/**/*.js"];

const MARKUP = ["innerHTML", "outerHTML", "insertAdjacentHTML", "setHTMLUnsafe", "createContextualFragment", "srcdoc"].map(
  (property) => ({ property, message: "What people write only ever becomes text: textContent, or elements made one by one." }),
);
const CODE = [
  { object: "document", property: "write", message: "Make elements." },
  { object: "document", property: "cookie", message: "The public gets no cookies." },
];

const IMPORT = { selector: "ImportExpression[source.type!='Literal']", message: "Name the module." };
// "Failed to fetch" is what a browser says, in a language of its own.
const BARE = { selector: "MemberExpression[property.name='message']", message: "Say in words of ours what can't be shown, and what to do." };

export default [
  { ignores: ["**/vendor/**", ".*/**"] },
  {
    files: PAGES,
    linterOptions: { noInlineConfig: true },
    languageOptions: {
      ecmaVersion: 2024,
      sourceType: "module",
      // tsc knows what there is; no-implied-eval has to see that these are not our own.
      globals: { setTimeout: "readonly", setInterval: "readonly", window: "readonly" },
    },
    rules: {
      // docs/decisions/0071
      "max-lines": ["error", 249],
      "max-lines-per-function": ["error", 40],
      "no-restricted-properties": ["error", ...MARKUP, ...CODE],
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-new-func": "error",
      "no-script-url": "error",
      "no-restricted-globals": ["error", "alert", "confirm", "prompt", "event"],
      "no-restricted-syntax": ["error", IMPORT, BARE],
      "no-warning-comments": ["error", { terms: ["@ts-ignore", "@ts-nocheck", "@ts-expect-error"], location: "anywhere" }],
      "no-console": "error",
      "no-var": "error",
      "prefer-const": "error",
      "eqeqeq": "error",
      "no-throw-literal": "error",
      "no-fallthrough": "error",
      "no-dupe-else-if": "error",
      "no-self-compare": "error",
      "no-async-promise-executor": "error",
      "no-unsafe-finally": "error",
      "no-unused-expressions": "error",
    },
  },
  {
    // What goes wrong in MapLibre's worker is said where its own words would have been.
    files: ["services/web/web/design/static/map/map.js"],
    rules: { "no-console": ["error", { allow: ["error"] }], "no-restricted-syntax": ["error", IMPORT] },
  },
];
