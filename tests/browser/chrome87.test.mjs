// The oldest browser on the desks is built on Chrome 87: what the style sheets and scripts use must be there.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

const ASSETS = new URL("../../crates/doudi-web/assets/", import.meta.url);

/** What came after Chrome 87, and the version that brought it. */
const LATER_STYLE = {
  ":has(": 105, ":is(": 88, ":where(": 88, "@container": 105, "@layer": 99, "@property --": 85, "@scope": 118, "@starting-style": 117,
  "aspect-ratio:": 88, "accent-color:": 93, "inset-inline:": 87, "color-mix(": 111, "oklch(": 111, "light-dark(": 123,
  "text-wrap:": 114, "subgrid": 117, "scrollbar-gutter": 94, "scrollbar-width": 121, "content-visibility: hidden": 85, "dvh": 108, "svh": 108, "lvh": 108, "cqw": 105,
  "overflow: clip": 90, "field-sizing": 123, "interpolate-size": 129, "anchor-name": 125, "view-transition": 111, "lab(": 111, "lch(": 111,
};
const LATER_SCRIPT = {
  ".at(": 92, "Object.hasOwn": 93, "structuredClone": 98, ".findLast": 97, ".replaceAll(": 85, ".toSorted(": 110, ".toReversed(": 110, ".with(": 110, "Array.fromAsync": 121,
  "Object.groupBy": 117, "Promise.withResolvers": 119, "crypto.randomUUID": 92, "AbortSignal.timeout": 103, "AbortSignal.any": 116, ".showPopover": 114, "navigation.navigate": 102,
  ".checkVisibility": 105, "startViewTransition": 111, "scheduler.postTask": 94, ".isSubsetOf(": 122, "Intl.Segmenter": 87, "setHTMLUnsafe": 124, "moveBefore": 133, "import(": 63,
};
/** htmx asks before it uses these. */
const ASKED_FOR = { "htmx-2.0.11.min.js": ["startViewTransition", "moveBefore"] };

const files = (end) => readdirSync(ASSETS).filter((name) => name.endsWith(end)).map((name) => [name, readFileSync(new URL(name, ASSETS), "utf8")]);
const words = (table, text) => Object.entries(table).filter(([word, version]) => version > 87 && text.includes(word)).map(([word]) => word);
const shapes = (table, text) => Object.entries(table).filter(([, shape]) => shape.test(text)).map(([what]) => what);

function laterInStyle(text) {
  const plain = text.replace(/\/\*[\s\S]*?\*\//g, "");
  // What is left of a rule within a rule when the outer @-rules are gone.
  const rules = plain.replace(/@(media|supports|font-face|page|keyframes)[^{]*\{/g, "");
  return [...words(LATER_STYLE, plain), ...shapes({ "nested rules": /\{[^{}@]*\{/ }, rules), ...shapes({ "ranges in @media": /@media[^{]*[<>]/ }, plain)];
}

function laterInScript(text) {
  const plain = text.replace(/^\s*\/\/.*$/gm, "");
  return [...words(LATER_SCRIPT, plain), ...shapes({
    "top-level await, import or export": /^(await|export|import)\b/m,
    "static blocks": /\bstatic\s*\{/,
    "#x in y": /#\w+\s+in\s+\w/,
    "the v flag": /\/[dgimsuy]*v[dgimsuy]*\.(test|exec)\(/,
  }, plain)];
}

test("style sheets use nothing that came after Chrome 87", () => {
  assert.ok(files(".css").length > 0);
  for (const [name, text] of files(".css")) assert.deepEqual(laterInStyle(text), [], name);
});

test("scripts use nothing that came after Chrome 87", () => {
  assert.ok(files(".js").length > 1);
  for (const [name, text] of files(".js")) {
    const asked = ASKED_FOR[name] ?? [];
    assert.deepEqual(laterInScript(text).filter((word) => !asked.includes(word)), [], name);
  }
});

test("what came later is found", () => {
  assert.deepEqual(laterInStyle("a { color: red; &:hover { color: blue } }"), ["nested rules"]);
  assert.deepEqual(laterInStyle("a:has(b) { } /* :is( */"), [":has("]);
  assert.deepEqual(laterInStyle("@media (width < 48rem) { a { color: red } }"), ["ranges in @media"]);
  assert.deepEqual(laterInStyle("@media print { a { color: red } } b { margin: 0 }"), []);
  assert.deepEqual(laterInScript("var a = [1].at(-1);\nawait a;"), [".at(", "top-level await, import or export"]);
  assert.deepEqual(laterInScript("class A { static { } }"), ["static blocks"]);
});
