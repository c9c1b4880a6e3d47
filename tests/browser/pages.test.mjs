// Every page that a role can reach by links: readable by everybody, on a telephone, in large type, small, and silent.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { after, before, test } from "node:test";
import { openBrowser } from "./browser.mjs";
import { Client, FIRST, PASSWORD, doudi, people, startOffice, watched } from "./office.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const MOST_OF_A_KIND = 2;
const MOST_BYTES = 100_000;
const MOST_SCRIPT = 40_000;
/** Pages that only somebody without an account meets, or that are files. */
const OUTSIDE = [
  "/healthz", "/readyz", "/metrics", "/static/{hash}/{name}", "/set-up", "/sign-in", "/leads/export", "/leads/workbook",
  "/leads/{lead}/evidence/{serial}", "/cases/{case}/evidence/{serial}", "/groups/{month}/{group}/export", "/imports/{draft}/errors",
  "/results/{month}/{file}",
];
/** These only lead on to another page. */
const LEADING_ON = ["/policies", "/policies/find"];

let browser;
let office;
let patterns;
before(async () => {
  browser = await openBrowser();
  const methods = doudi("serve", "--list-pages").trim().split("\n").map((line) => line.split(" "));
  // Addresses for programs are nobody's page.
  patterns = methods.filter(([method, path]) => method === "GET" && !path.startsWith("/api/")).map(([, path]) => path);
  office = await startOffice({ months: ["2020-04", "2020-05"], practice: "2020-06-01" });
});
after(async () => {
  await browser?.close();
  await office?.stop();
});

/** The page's pattern in the list of pages: literal parts go before `{…}`. */
function patternOf(address) {
  const parts = new URL(address, office.base).pathname.split("/");
  const fits = (pattern) => {
    const wanted = pattern.split("/");
    return wanted.length === parts.length && wanted.every((part, at) => part.startsWith("{") || part === parts[at]);
  };
  return patterns.filter(fits).sort((one, other) => one.split("{").length - other.split("{").length)[0];
}

/** Addresses that somebody reaches by links, a few of each pattern. */
async function reached(client) {
  const seen = new Map();
  const waiting = ["/"];
  const known = new Set(waiting);
  while (waiting.length > 0) {
    const address = waiting.shift();
    const pattern = patternOf(address);
    const of = seen.get(pattern) ?? [];
    if (!pattern || OUTSIDE.includes(pattern) || of.length >= MOST_OF_A_KIND) continue;
    const reply = await client.get(address);
    if (reply.status === 303) {
      waiting.push(reply.headers.location);
      continue;
    }
    if (!/html/.test(reply.headers["content-type"] ?? "")) continue;
    assert.equal(reply.status, 200, `a link leads to ${address}: ${reply.status}`);
    seen.set(pattern, [...of, address]);
    for (const [, href] of reply.text.matchAll(/<a [^>]*href="([^"#]+)"/g)) {
      const next = href.replaceAll("&amp;", "&");
      if (next.startsWith("/") && !known.has(next)) {
        known.add(next);
        waiting.push(next);
      }
    }
  }
  return [...seen.values()].flat();
}

async function isAccessible(page, where) {
  await page.evaluate(AXE);
  const found = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"] }));
  const told = found.violations.map((rule) => `${rule.id} (${rule.impact}): ${rule.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ")}`);
  assert.deepEqual(told, [], `axe on ${where}`);
}

/** Nothing sticks out to the right, but what scrolls by itself. */
async function fits(page, where) {
  const found = await page.evaluate(() => {
    const wide = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= wide) return [];
    const out = [...document.querySelectorAll("body *")].filter((element) => element.getBoundingClientRect().right > wide + 1);
    return out.slice(0, 3).map((element) => element.outerHTML.slice(0, 160));
  });
  assert.deepEqual(found, [], `${where} is wider than the screen`);
}

/** What must be large enough to be hit with a finger: everything but links within a text. */
async function isLarge(page, where, least) {
  const small = await page.evaluate((least) => {
    const out = [];
    for (const element of document.querySelectorAll("button, select, input:not([type=hidden]):not([type=checkbox]):not([type=radio]), .menu a, summary")) {
      const box = element.getBoundingClientRect();
      if (box.width > 0 && box.height > 0 && box.height < least - 0.5) out.push(`${Math.round(box.height)} px: ${element.outerHTML.slice(0, 120)}`);
    }
    return out.slice(0, 3);
  }, least);
  assert.deepEqual(small, [], `targets on ${where}`);
}

async function isSmall(page, where) {
  const parts = await page.evaluate(() => [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")].map((entry) => ({ name: entry.name, bytes: entry.encodedBodySize })));
  const sum = (list) => list.reduce((total, part) => total + part.bytes, 0);
  assert.ok(sum(parts) <= MOST_BYTES, `${where}: ${sum(parts)} bytes`);
  const scripts = parts.filter((part) => part.name.endsWith(".js"));
  assert.ok(scripts.length > 0 && sum(scripts) <= MOST_SCRIPT, `${where}: ${sum(scripts)} bytes of scripts`);
}

function isStrict(response, where) {
  const policy = response.headers()["content-security-policy"] ?? "";
  assert.match(policy, /default-src 'none'/, where);
  assert.doesNotMatch(policy, /unsafe|\*|https?:/, where);
  assert.equal(response.headers()["cache-control"], "no-store", where);
}

const visited = new Set();
const examined = new Set();

/** What a page is made of, whoever's data it shows: pages of one make are examined once. */
const make = (page) =>
  page.evaluate(() => JSON.stringify([...new Set([...document.querySelectorAll("body *")].map((element) => `${element.tagName} ${element.className} ${element.id || element.getAttribute("name") || ""}`.replace(/\d+/g, "0")))].sort()));

/** A roster that lies there undecided: only then is there a page about it. */
async function bringRoster(login) {
  const session = await watched(browser, office);
  await session.signIn(login);
  const folder = path.join(office.folder, "rosters", "2020-05");
  const [file] = readdirSync(folder).filter((name) => name.endsWith(".xlsx")).sort();
  await session.page.goto("/imports");
  await session.page.setInputFiles("#file", path.join(folder, file));
  await session.page.click("form[enctype] button");
  assert.match(session.page.url(), /\/imports\/\w+$/);
  await session.close();
}

/** A family that has been taken in, and one that is still being asked. */
async function bringFamilies(client) {
  const draft = async (applicant) => {
    const begun = await client.post("/cases/drafts", { applicant, place: office.at.village });
    assert.equal(begun.status, 303, begun.text);
    return begun.headers.location;
  };
  await draft("田水生");
  const asked = await draft("向大山");
  const page = (await client.get(asked)).text;
  const kind = page.match(/name="kind" value="([^"]+)"[^>]*> 最低生活保障申请/)?.[1];
  assert.ok(kind, "nobody can apply here today");
  const opened = await client.post(asked, { kind, action: "hand-in" });
  assert.equal(opened.status, 303, opened.text);
  const accepted = await client.post(`${opened.headers.location}/step`, { step: "accept", version: "1", "fact:户.本地户籍": "是" });
  assert.equal(accepted.status, 303, accepted.text);
}

async function walk(login) {
  const client = new Client(office.base);
  await client.signIn(login, PASSWORD);
  if (login === "chuangkou") await bringFamilies(client);
  if (login === "shuju") await bringRoster(login);
  const addresses = await reached(client);
  const wide = await watched(browser, office);
  const narrow = await watched(browser, office, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  const large = await watched(browser, office, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  await large.context.addCookies([{ name: "doudi_elder", value: "yes", url: office.base }]);
  for (const session of [wide, narrow, large]) await session.signIn(login);
  for (const address of addresses) {
    const where = `${login} ${address}`;
    visited.add(patternOf(address));
    const response = await wide.page.goto(address);
    isStrict(response, where);
    assert.doesNotMatch(await response.text(), /<style|style="| on\w+="|<script(?! src="\/static\/)/, where);
    await fits(wide.page, where);
    await isSmall(wide.page, where);
    const made = `${patternOf(address)} ${await make(wide.page)}`;
    if (examined.has(made)) continue;
    examined.add(made);
    await isAccessible(wide.page, where);
    await narrow.page.goto(address);
    await fits(narrow.page, `${where} at 390 px`);
    await isLarge(narrow.page, `${where} at 390 px`, 44);
    await isAccessible(narrow.page, `${where} at 390 px`);
    await large.page.goto(address);
    await fits(large.page, `${where} in large type`);
    await isLarge(large.page, `${where} in large type`, 60);
    const size = await large.page.evaluate(() => parseFloat(getComputedStyle(document.querySelector("main")).fontSize));
    assert.ok(size >= 20, `${where}: ${size} px`);
  }
  for (const session of [wide, narrow, large]) await session.close();
  return addresses;
}

for (const { login, name } of [FIRST, ...people({ village: "", next: "", township: "" })]) {
  test(`every page that the ${name} reaches is readable, narrow, large, small and silent`, async () => {
    const addresses = await walk(login);
    console.log(`${login}: ${addresses.length} pages`);
    assert.ok(addresses.length >= 1);
  });
}

test("every page of the list has been looked at", () => {
  const missed = patterns.filter((pattern) => ![...OUTSIDE, ...LEADING_ON].includes(pattern) && !visited.has(pattern));
  assert.deepEqual(missed, [], "no link leads there, for nobody");
});

test("what goes wrong is told on pages as readable as the others", async () => {
  const { other } = office.at;
  for (const settings of [{}, { viewport: { width: 390, height: 844 } }]) {
    const session = await watched(browser, office, settings);
    const { page } = session;
    const look = async (where) => {
      await isAccessible(page, where);
      await fits(page, where);
    };
    await page.goto("/sign-in");
    await look("/sign-in");
    await page.getByRole("button", { name: "登录" }).click();
    await page.locator("#errors").waitFor();
    await look("/sign-in with errors");
    await session.signIn("cun");
    await page.goto("/nothing-here");
    await look("a page that is not there");
    await page.goto("/users");
    await look("a page of another role");
    await page.goto(`/leads/${other.lead_id}`);
    const form = page.locator("form[action$='/report']");
    if ((await form.count()) > 0) {
      await form.getByRole("button", { name: "提交" }).click();
      await page.locator("#errors").waitFor();
      await look("a report with errors");
    }
    await session.close();
  }
  const empty = await startOffice({ months: [], staffed: false });
  const session = await watched(browser, empty);
  await session.page.goto("/");
  await isAccessible(session.page, "/set-up");
  await fits(session.page, "/set-up");
  await session.close();
  await empty.stop();
});
