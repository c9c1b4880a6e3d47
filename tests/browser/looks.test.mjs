// How pages look, beside how they looked when somebody last looked at them. What people have written and what was counted
// is replaced by samples first, so that a picture changes with its page and not with the county. After a change that is
// meant:
//   DOUDI=the binary npm run looks      writes the pictures anew; look at them before they are kept
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import pixelmatch from "pixelmatch";
import { PNG } from "pngjs";
import { openBrowser } from "./browser.mjs";
import { startOffice, watched } from "./office.mjs";

const FOLDER = new URL("./looks/", import.meta.url);
const MACHINE = new URL("machine.json", FOLDER);
const WRITE = process.env.LOOKS === "write";
/** Half of a screen's pixels: small files, and edges count less. */
const SCALE = 0.5;
/** A picture is compared in squares of so many pixels, of which one is different when this part of it is. */
const SQUARE = 12;
const MOST_OF_SQUARE = 0.08;
/** Squares that may be different. With the same letters there are none. */
const MOST_SQUARES = 0;
const SIZES = [[1366, 900], [390, 844]];
const LARGEST_FILE = 40_000;

let browser;
let office;
before(async () => {
  browser = await openBrowser();
  office = await startOffice({ months: ["2020-04", "2020-05"] });
});
after(async () => {
  await browser?.close();
  await office?.stop();
});

/** Samples in place of what is another tomorrow, or in another county: rows, values, days, choices. */
function still() {
  const ROWS = 4;
  const shown = (node) => node.nodeType === Node.TEXT_NODE && node.nodeValue.trim() !== "";
  const texts = (root) => {
    const found = [];
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) if (shown(walker.currentNode) && !walker.currentNode.parentElement.closest("button, label, summary, th[scope=col], legend, option")) found.push(walker.currentNode);
    return found;
  };
  const sample = (root, words) => texts(root).forEach((text, at) => (text.nodeValue = at === 0 ? words : ""));
  for (const body of document.querySelectorAll("tbody")) {
    const rows = [...body.children];
    rows.slice(ROWS).forEach((row) => row.remove());
    for (let at = rows.length; at > 0 && at < ROWS; at += 1) body.append(rows[0].cloneNode(true));
    // One row says how a row looks: whether this one is overdue is its own business.
    [...body.children].slice(1).forEach((row) => row.replaceWith(body.firstElementChild.cloneNode(true)));
  }
  for (const cell of document.querySelectorAll("tbody td, tbody th, tfoot td, dd")) sample(cell, cell.classList.contains("number") ? "12" : "样例文字");
  for (const list of document.querySelectorAll("main ul, main ol:not(.trail ol)")) {
    [...list.children].slice(2).forEach((item) => item.remove());
    if (!list.closest("nav, form")) for (const item of list.children) sample(item, "一行样例");
  }
  // How many kinds of checks there are, and of rows compared, is the policies' and the lead's.
  for (const row of document.querySelectorAll("table.board tr")) [...row.children].slice(8).forEach((cell) => cell.remove());
  for (const kind of [...document.querySelectorAll("details.card")].slice(2)) kind.remove();
  const compared = document.querySelector("section[aria-labelledby=compared]");
  for (const row of compared?.querySelectorAll("tr") ?? []) [...row.children].slice(3).forEach((cell) => cell.remove());
  for (const head of compared?.querySelectorAll("h3, th:nth-child(3)") ?? []) head.textContent = "样例";
  for (const head of document.querySelectorAll("table.board th.wrap, details.card strong")) head.textContent = "样例";
  for (const select of document.querySelectorAll("select")) select.replaceChildren(new Option("样例的选项"));
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode;
    const fixed = text.nodeValue.replace(/[0-9a-f]{12,}/g, (found) => "0".repeat(found.length)).replace(/\d+/g, "0");
    if (fixed !== text.nodeValue) text.nodeValue = fixed;
  }
  // The title of somebody's own page, and where they live.
  if (/^\/(leads|people|households)\/./.test(location.pathname)) for (const words of document.querySelectorAll("h1, h1 + p, h1 ~ p")) sample(words, "样例：这一页的题目");
  for (const words of document.querySelectorAll(".one-sheet > p:has(strong), .who span, nav.trail li:last-child, #why + p, code, caption")) sample(words, "样例");
  for (const drawing of document.querySelectorAll("main svg path")) drawing.remove();
  for (const input of document.querySelectorAll("main input:not([type=hidden], [type=checkbox], [type=radio])")) if (input.value && input.type !== "file") input.value = input.type === "date" ? "2020-01-01" : "样例";
  document.activeElement?.blur();
}

async function picture(page) {
  await page.evaluate(still);
  // Chromium puts the cursor into its field some time after the page is there: no picture has its frame.
  await page.evaluate(() => {
    const field = document.querySelector("[autofocus]");
    field?.focus();
    field?.blur();
  });
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
  return PNG.sync.read(await page.screenshot({ animations: "disabled" }));
}

/** How many squares are different; all of them where the size is. */
function different(one, other) {
  if (one.width !== other.width || one.height !== other.height) return Infinity;
  const seen = Buffer.alloc(one.data.length);
  pixelmatch(one.data, other.data, seen, one.width, one.height, { threshold: 0.2, diffMask: true });
  let squares = 0;
  for (let top = 0; top < one.height; top += SQUARE) {
    for (let left = 0; left < one.width; left += SQUARE) {
      let [changed, all] = [0, 0];
      for (let y = top; y < Math.min(top + SQUARE, one.height); y += 1) {
        for (let x = left; x < Math.min(left + SQUARE, one.width); x += 1, all += 1) if (seen[4 * (y * one.width + x) + 3] > 0) changed += 1;
      }
      if (changed > all * MOST_OF_SQUARE) squares += 1;
    }
  }
  return squares;
}

const grey = (png) => PNG.sync.write(png, { colorType: 0, deflateLevel: 9, filterType: 4 });

async function looksAsBefore(page, name) {
  const seen = PNG.sync.read(grey(await picture(page)));
  const file = new URL(`${name}.png`, FOLDER);
  if (WRITE) {
    const bytes = grey(seen);
    assert.ok(bytes.length <= LARGEST_FILE, `${name}.png has ${bytes.length} bytes: a smaller part of the page will do`);
    writeFileSync(file, bytes);
    return undefined;
  }
  if (!existsSync(file)) return `${name}: no picture, npm run looks`;
  const squares = different(seen, PNG.sync.read(readFileSync(file)));
  if (squares <= MOST_SQUARES) return undefined;
  if (process.env.LOOKS_OUT) writeFileSync(`${process.env.LOOKS_OUT}/${name}.png`, grey(seen));
  return `${name}: ${squares} squares are different`;
}

/** How wide words are: on a machine with other fonts every line breaks elsewhere, and pictures say nothing. */
async function letters(page) {
  return page.evaluate(() => {
    const context = document.createElement("canvas").getContext("2d");
    const style = getComputedStyle(document.body);
    return ["400", "700"].map((weight) => {
      context.font = `${weight} 32px ${style.fontFamily}`;
      return ["清零看板、疑点", "doudi serve 2020-05", "（一）〇"].map((words) => Math.round(context.measureText(words).width));
    });
  });
}

test("letters are those that the pictures were taken with", async () => {
  const session = await watched(browser, office);
  await session.page.goto("/sign-in");
  const seen = { chromium: Number(browser.version().split(".")[0]), letters: await letters(session.page) };
  if (WRITE) {
    rmSync(FOLDER, { recursive: true, force: true });
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(MACHINE, `${JSON.stringify(seen)}\n`);
  }
  const known = JSON.parse(readFileSync(MACHINE, "utf8"));
  assert.deepEqual(seen.letters, known.letters, `this machine has other fonts than the one on which tests/browser/looks was made: install fonts-noto-cjk (and no other Chinese font), or take the pictures anew here with npm run looks. Chromium here ${seen.chromium}, there ${known.chromium}`);
  await session.close();
});

for (const [width, height] of SIZES) {
  test(`pages look as they did at ${width} px`, async () => {
    const settings = { viewport: { width, height }, deviceScaleFactor: SCALE };
    const { lead_id: lead, person_id: person, household_id: household, name } = office.at.other;
    const rounds = [
      [null, { "sign-in": "/sign-in" }],
      ["shenhe", {
        board: "/", leads: "/leads", lead: `/leads/${lead}`, people: `/people?q=${name[0]}`, person: `/people/${person}`,
        household: `/households/500243-dibao%3A${household}`, sheet: `/households/500243-dibao%3A${household}/sheet`, groups: "/groups",
      }],
      ["cun", { "village-lead": `/leads/${lead}` }],
      ["shuju", { imports: "/imports" }],
      ["shenji", { audit: "/audit" }],
      ["anquan", { users: "/users" }],
    ];
    const wrong = [];
    for (const [login, pages] of rounds) {
      const session = await watched(browser, office, settings);
      if (login) await session.signIn(login);
      for (const [name, address] of Object.entries(pages)) {
        const answer = await session.page.goto(address);
        assert.equal(answer.status(), 200, address);
        // Of the form it is the lower part that matters.
        if (name === "village-lead") await session.page.evaluate(() => document.querySelector("#report").scrollIntoView());
        wrong.push(await looksAsBefore(session.page, `${name}-${width}`));
      }
      await session.close();
    }
    const found = wrong.filter(Boolean);
    assert.deepEqual(found, [], `${found.join("; ")} (LOOKS_OUT=folder keeps the new ones); if that is meant: npm run looks`);
  });
}

test("a button, a column, a field or the style sheet that is gone is seen", async () => {
  const session = await watched(browser, office, { viewport: { width: 1366, height: 900 }, deviceScaleFactor: SCALE });
  await session.signIn("shenhe");
  const gone = async (address, what, remove) => {
    await session.page.goto(address);
    const whole = await picture(session.page);
    assert.equal(different(whole, await picture(session.page)), 0, address);
    assert.ok(await session.page.evaluate(remove), `${what} is there to be removed`);
    const squares = different(whole, await picture(session.page));
    assert.ok(squares > MOST_SQUARES, `${what} of ${address}: ${squares} squares`);
  };
  const hide = (selector) => `(() => { const found = document.querySelector(${JSON.stringify(selector)}); if (found) found.style.visibility = "hidden"; return Boolean(found); })()`;
  await gone("/leads", "a button", hide("main form button"));
  await gone("/leads", "the last column", `(() => { const rows = [...document.querySelectorAll("main table tr")]; rows.forEach((row) => row.lastElementChild.remove()); return rows.length > 1; })()`);
  await gone(`/leads/${office.at.other.lead_id}`, "the button to assign", hide("section form[action='/leads/assign'] button"));
  await gone("/people", "the field to search", hide("main input[type=search]"));
  await gone("/", "a link of the menu", hide("nav.menu li:last-child a"));
  await gone("/", "the style sheet", `(() => { const sheet = document.querySelector("link[rel=stylesheet]"); sheet.remove(); return true; })()`);
  await session.close();
});
