// Runs a page of `doudi policy pocket` in Node as a browser would. Two ways to use it:
//   node in_node.mjs PAGE.html                              runs every worked example in the page (page of the country)
//   node in_node.mjs PAGE.html HOUSEHOLD.json REGION DATE   answers for one household and says how long it took
import { readFileSync } from "node:fs";
import { gunzipSync, gzipSync } from "node:zlib";

const [page, household, region, date] = process.argv.slice(2);
const html = readFileSync(page, "utf8");
const part = (id) => {
  const found = html.match(new RegExp(`<script type="text/plain" id="${id}">([^<]+)</script>`));
  if (!found) throw new Error(`${page} has no ${id}`);
  return gunzipSync(Buffer.from(found[1], "base64"));
};

const engine = (await WebAssembly.instantiate(part("engine"), {})).instance.exports;
const raw = (bytes) => {
  // Asked for first: making room may move the memory.
  const room = engine.doudi_room(bytes.length);
  new Uint8Array(engine.memory.buffer, room, bytes.length).set(bytes);
  const length = engine.doudi_answer();
  const reply = engine.doudi_reply();
  return JSON.parse(Buffer.from(engine.memory.buffer, reply, length).toString("utf8"));
};
const ask = (request) => raw(Buffer.from(JSON.stringify(request)));
/** The result, and the milliseconds of processor time: the machine may be busy with other things. */
const timed = (work) => {
  const before = process.cpuUsage();
  const result = work();
  const { user, system } = process.cpuUsage(before);
  return [result, (user + system) / 1000];
};

const [opened, openMs] = timed(() => raw(part("bundle")));
if (opened.error) throw new Error(opened.error);
const report = { gzipped: gzipSync(html, { level: 9 }).length, opened, openMs };
const wrong = [];
if (household) {
  const request = { op: "assess", region, date, facts: JSON.parse(readFileSync(household, "utf8")) };
  const [first, linkMs] = timed(() => ask(request));
  if (first.error) throw new Error(first.error);
  const rounds = 200;
  const [, assessMs] = timed(() => { for (let round = 0; round < rounds; round++) ask(request); });
  const [asked, askMs] = timed(() => ask({ ...request, op: "ask" }));
  const results = first.results.map((found) => `${found.called}：${found.value} ${found.amount ?? ""}`);
  Object.assign(report, { firstMs: linkMs, householdMs: assessMs / rounds, askMs, open: asked.open, results });
} else {
  const [cases, casesMs] = timed(() => ask({ op: "cases" }));
  Object.assign(report, { casesMs, passed: cases.passed, failed: cases.failed });
  wrong.push(...cases.failures);
  if (cases.passed === 0) wrong.push("no worked example was run");
}
console.log(JSON.stringify(report, null, 1));
if (wrong.length > 0) {
  console.error(wrong.join("\n"));
  process.exit(1);
}
