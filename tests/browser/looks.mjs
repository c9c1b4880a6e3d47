// How pages look, beside how they looked when somebody last looked at them. After a change that is meant:
//   DOUDI=the binary npm run looks      writes the pictures anew; look at them before they are kept
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import pixelmatch from "pixelmatch";
import { PNG } from "pngjs";
import { openBrowser } from "./browser.mjs";
import { startOffice, watched } from "./office.mjs";

const FOLDER = new URL("./looks/", import.meta.url);
const WRITE = process.env.LOOKS === "write";
/** Of all pixels. Another version of the fonts moves edges by this much; a rule that is gone moves more. */
const MOST_DIFFERENT = 0.04;
/** Half of a screen's pixels: small files, and edges count less. */
const SCALE = 0.5;
const SIZES = [[1366, 900], [390, 844]];

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

/** Days of this year, times and fingerprints are other ones tomorrow: all are written the same. */
function still() {
  const fix = (text) => text.replace(/20(2[1-9]|[3-9]\d)-\d\d-\d\d( \d\d:\d\d(:\d\d)?)?/g, (found) => "2020-01-01 00:00:00".slice(0, found.length)).replace(/[0-9a-f]{12,}/g, (found) => "0".repeat(found.length));
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.nodeValue;
    if (fix(text) !== text) walker.currentNode.nodeValue = fix(text);
  }
  for (const input of document.querySelectorAll("input[type=date]")) if (input.value) input.value = "2020-01-01";
  document.activeElement?.blur();
}

async function picture(page) {
  await page.evaluate(still);
  return PNG.sync.read(await page.screenshot({ animations: "disabled" }));
}

function difference(one, other) {
  if (one.width !== other.width || one.height !== other.height) return 1;
  return pixelmatch(one.data, other.data, null, one.width, one.height, { threshold: 0.25 }) / (one.width * one.height);
}

async function looksAsBefore(page, name) {
  const seen = await picture(page);
  const file = new URL(`${name}.png`, FOLDER);
  if (WRITE) {
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(file, PNG.sync.write(seen, { colorType: 2, deflateLevel: 9 }));
    return;
  }
  assert.ok(existsSync(file), `no picture of ${name}: npm run looks`);
  const part = difference(seen, PNG.sync.read(readFileSync(file)));
  if (part > MOST_DIFFERENT && process.env.LOOKS_OUT) writeFileSync(`${process.env.LOOKS_OUT}/${name}.png`, PNG.sync.write(seen));
  assert.ok(part <= MOST_DIFFERENT, `${name}: ${(100 * part).toFixed(1)} % of the picture is different (LOOKS_OUT=folder keeps the new one); if that is meant: npm run looks`);
}

for (const [width, height] of SIZES) {
  test(`pages look as they did at ${width} px`, async () => {
    const settings = { viewport: { width, height }, deviceScaleFactor: SCALE };
    const lead = office.at.other.lead_id;
    const person = office.at.other.person_id;
    const rounds = [
      [null, { "sign-in": "/sign-in" }],
      ["shenhe", { board: "/", leads: "/leads", lead: `/leads/${lead}`, people: "/people?q=冉", person: `/people/${person}`, missing: "/nothing-here" }],
      ["cun", { "village-lead": `/leads/${lead}` }],
      ["shenji", { audit: "/audit" }],
      ["anquan", { users: "/users", user: "/users/new" }],
    ];
    for (const [login, pages] of rounds) {
      const session = await watched(browser, office, settings);
      if (login) await session.signIn(login);
      for (const [name, address] of Object.entries(pages)) {
        await session.page.goto(address);
        await looksAsBefore(session.page, `${name}-${width}`);
      }
      await session.close();
    }
    const large = await watched(browser, office, settings);
    await large.context.addCookies([{ name: "doudi_elder", value: "yes", url: office.base }]);
    await large.signIn("cun");
    await large.page.goto(`/leads/${lead}`);
    await looksAsBefore(large.page, `large-lead-${width}`);
    await large.close();
  });
}

test("a page without its style sheet is seen to be different", async () => {
  const session = await watched(browser, office, { viewport: { width: 1366, height: 900 }, deviceScaleFactor: SCALE });
  await session.page.goto("/sign-in");
  const whole = await picture(session.page);
  assert.equal(difference(whole, await picture(session.page)), 0);
  await session.page.evaluate(() => document.querySelector("link[rel=stylesheet]").remove());
  assert.ok(difference(whole, await picture(session.page)) > MOST_DIFFERENT);
  await session.close();
});
