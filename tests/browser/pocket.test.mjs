// The page of `doudi policy pocket` as an official uses it, in a real browser:
//   POCKET_PAGE=page of 500243  DOUDI=the binary  npm test
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { gunzipSync } from "node:zlib";
import { openBrowser, openPage } from "./browser.mjs";

const FILE = process.env.POCKET_PAGE;
const DOUDI = process.env.DOUDI;
const REGION = "500243";
const DAY = "2020-05-31";
const MOST_QUESTIONS = 200;

let browser;
before(async () => {
  assert.ok(FILE && DOUDI, "set POCKET_PAGE to a page of `doudi policy pocket` and DOUDI to the binary");
  browser = await openBrowser();
});
after(() => browser?.close());

/** Runs in the page before its own scripts. */
function prepare() {
  // The last request to the evaluator is the only way to see the facts that the page holds.
  const encode = TextEncoder.prototype.encode;
  TextEncoder.prototype.encode = function (text) {
    globalThis.lastRequest = text;
    return encode.call(this, text);
  };
  globalThis.unpacked = async (id) => {
    const packed = Uint8Array.from(atob(document.getElementById(id).textContent.trim()), (letter) => letter.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  };
  /** A second evaluator beside the page's own: bytes in, text out. */
  globalThis.anotherEvaluator = async () => {
    const engine = (await WebAssembly.instantiate(await unpacked("engine"), {})).instance.exports;
    return (bytes) => {
      const room = engine.doudi_room(bytes.length);
      new Uint8Array(engine.memory.buffer, room, bytes.length).set(bytes);
      const length = engine.doudi_answer();
      return new TextDecoder().decode(new Uint8Array(engine.memory.buffer, engine.doudi_reply(), length));
    };
  };
}

async function opened() {
  const session = await openPage(browser, pathToFileURL(path.resolve(FILE)).href, prepare);
  await session.page.waitForSelector("#work:not([hidden])", { timeout: 60_000 });
  await session.page.fill("#day", DAY);
  return session;
}

const facts = async (page) => JSON.parse(await page.evaluate(() => globalThis.lastRequest)).facts;

/** Every programme on the page: what it is called and how it stands. */
const results = (page) =>
  page.$$eval("#results .result", (boxes) =>
    boxes.map((box) => {
      const state = box.querySelector(".state").textContent;
      const called = box.querySelector("h3").textContent.slice(0, -state.length);
      const reasons = [...box.querySelectorAll(":scope > p")].map((line) => line.textContent);
      return { called, state, kind: box.classList[1], reasons };
    }),
  );

async function addsUp(page) {
  const shown = await results(page);
  const count = (kind) => shown.filter((found) => found.kind === kind).length;
  const sum = `符合 ${count("yes")} 项，还不能定 ${count("open")} 项，不符合 ${count("no")} 项。`;
  assert.equal(await page.textContent("#sum"), sum);
  return shown;
}

/** Answers the question that is asked; false if there is none. */
async function answerOne(page) {
  const box = page.locator("#question");
  if ((await box.locator(".about").count()) === 0) return false;
  const question = await box.locator(".about").textContent();
  const options = await box.locator(".answers button").allTextContents();
  if (options.length > 0) {
    const wanted = [/核对/.test(question) ? "是" : "否", "没有", "农村", "无"];
    const chosen = wanted.find((answer) => options.includes(answer)) ?? options[0];
    await box.locator(".answers button", { hasText: new RegExp(`^${chosen}$`) }).click();
    return true;
  }
  const input = box.locator("form input");
  const hint = await input.getAttribute("placeholder");
  const kind = await input.getAttribute("type");
  await input.fill(kind === "date" ? "1950-03-01" : /-04$/.test(hint) ? "2020-04" : "0");
  await box.locator("form button").click();
  return true;
}

/** Looks for a fact by its name and gives it a value. */
async function give(page, whose, name, value) {
  await page.locator("details:has(#search)").evaluate((details) => { details.open = true; });
  await page.fill("#search", name);
  const about = page.locator(".about", { hasText: new RegExp(`^${whose}${name}(（|$)`) });
  const box = page.locator("#found .result", { has: about }).first();
  const button = box.locator(".answers button", { hasText: new RegExp(`^${value}$`) });
  if ((await button.count()) > 0) return button.click();
  await box.locator("form input").fill(value);
  await box.locator("form button").click();
}

function programmes() {
  const packed = readFileSync(FILE, "utf8").match(/<script type="text\/plain" id="bundle">([^<]+)</)[1];
  return JSON.parse(gunzipSync(Buffer.from(packed, "base64")).toString("utf8")).programmes;
}

/** What the command says of the same household: by programme and person, 是, 否 or 不详. */
function fromCommand(household) {
  const folder = mkdtempSync(path.join(tmpdir(), "doudi-"));
  try {
    const file = path.join(folder, "household.json");
    writeFileSync(file, JSON.stringify(household));
    const asked = ["policy", "explain", "--facts", file, "--region", REGION, "--date", DAY, "--json"];
    const told = JSON.parse(execFileSync(DOUDI, asked, { encoding: "utf8", maxBuffer: 1 << 28 }));
    return programmes().flatMap(({ name, entitled }) => {
      const rule = entitled.split(".")[1];
      return told.results
        .filter((found) => found.rule === entitled)
        .map(({ explanation }) => `${explanation.name.replace(rule, name)} ${explanation.value}`);
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("a household is asked to the end, and every programme has an answer with its reasons", async () => {
  const session = await opened();
  const { page } = session;
  await page.fill("#name", "老大爷");
  await page.click("#add button");
  let questions = 0;
  while (questions < MOST_QUESTIONS && (await answerOne(page))) {
    questions += 1;
    await addsUp(page);
  }
  assert.ok(questions > 5 && questions < MOST_QUESTIONS, `${questions} questions`);
  assert.match(await page.textContent("#question"), /都定了|能问的都问过了/);
  const shown = await addsUp(page);
  assert.ok(shown.some((found) => found.kind === "yes" && /元/.test(found.state)), "somebody is entitled to money");
  assert.ok(shown.some((found) => found.kind === "no"), "something is refused");

  const words = { yes: "是", no: "否", open: "不详" };
  const pageSays = shown.map((found) => `${found.called} ${words[found.kind]}`).sort();
  assert.deepEqual(pageSays, fromCommand(await facts(page)).sort(), "the page says what the command says");

  for (const why of await page.locator("#results > .result > details").all()) {
    await why.locator("> summary").click();
    await why.locator("div *").first().waitFor({ state: "attached" });
    assert.match(await why.textContent(), /规则|依据|第.+条/);
  }
  console.log(`${questions} questions, ${shown.length} answers`);
  await session.close();
});

test("a question may be left, and another one is asked", async () => {
  const session = await opened();
  const { page } = session;
  const first = await page.textContent("#question .about");
  await page.getByRole("button", { name: "不知道，先问别的" }).click();
  assert.notEqual(await page.textContent("#question .about"), first);
  await session.close();
});

test("a fact that is looked for is taken, changed and taken back", async () => {
  const session = await opened();
  const { page } = session;
  const known = () => page.locator("#known li").allTextContents();
  const before = await known();
  await give(page, "", "城乡", "农村");
  assert.ok((await known()).some((line) => line.startsWith("城乡：农村")), (await known()).join());
  assert.equal((await facts(page)).household.城乡, "农村");
  await page.locator("#known li", { hasText: "城乡：农村" }).getByRole("button", { name: "改" }).click();
  assert.deepEqual(await known(), before);
  assert.equal((await facts(page)).household.城乡, undefined);
  await session.close();
});

test("what cannot be read is told beside the field and not kept", async () => {
  const session = await opened();
  const { page } = session;
  await give(page, "", "存款总额", "很多");
  assert.match(await page.textContent("#found .wrong"), /存款总额/);
  assert.doesNotMatch(await page.textContent("#known"), /存款总额/);
  await give(page, "", "存款总额", "１２00.5");
  assert.equal((await facts(page)).household.存款总额, "1200.5元");
  await session.close();
});

test("people come and go, and the answers with them", async () => {
  const session = await opened();
  const { page } = session;
  const alone = (await addsUp(page)).length;
  await page.fill("#name", "乙");
  await page.click("#add button");
  const both = await addsUp(page);
  assert.ok(both.length > alone && both.some((found) => found.called.startsWith("乙的")));
  await page.locator("#members li", { hasText: "乙" }).getByRole("button", { name: "去掉" }).click();
  assert.equal((await addsUp(page)).length, alone);
  await session.close();
});

test("a fact written twice is refused, as the command does", async () => {
  const session = await opened();
  const told = await session.page.evaluate(async () => {
    const answer = await anotherEvaluator();
    return answer(new TextEncoder().encode('{"op":"assess","facts":{"household":{"存款总额":"1元","存款总额":"2元"}}}'));
  });
  assert.match(told, /“存款总额”写了两次/);
  await session.close();
});

// How long it takes is told and not judged: machines differ, and some are busy.
test("how long a household takes is told", async () => {
  const session = await opened();
  const { page } = session;
  for (const fact of [["", "城乡", "农村"], ["户主：", "出生日期", "1950-03-01"]]) await give(page, ...fact);
  const times = await page.evaluate(async () => {
    const household = JSON.parse(globalThis.lastRequest);
    const answer = await anotherEvaluator();
    const milliseconds = (work) => { const start = performance.now(); work(); return performance.now() - start; };
    const bundle = await unpacked("bundle");
    const open = milliseconds(() => answer(bundle));
    const request = new TextEncoder().encode(JSON.stringify({ ...household, op: "assess" }));
    const first = milliseconds(() => answer(request));
    const again = Array.from({ length: 101 }, () => milliseconds(() => answer(request))).sort((a, b) => a - b);
    return { open, first, median: again[50] };
  });
  const two = (number) => number.toFixed(2);
  console.log(`open ${two(times.open)} ms, first household ${two(times.first)} ms, a household ${two(times.median)} ms in Chromium ${browser.version()}`);
  assert.ok(times.median > 0);
  await session.close();
});
