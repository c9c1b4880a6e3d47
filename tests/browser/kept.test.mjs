// What is typed while the office cannot be reached: it stays in the tab, comes back, and leaves nothing behind.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openBrowser } from "./browser.mjs";
import { PASSWORD, startOffice } from "./office.mjs";

const DAY = "2020-06-01";
let office;
let browser;
before(async () => {
  office = await startOffice({ practice: DAY });
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await office?.stop();
});

async function signIn(page, login) {
  await page.goto("/sign-in");
  await page.getByLabel("用户名").fill(login);
  await page.getByLabel("密码").fill(PASSWORD);
  await page.getByRole("button", { name: "登录" }).click();
}

/** The page of a family that is being written down, signed in. */
async function begun(login) {
  const context = await browser.newContext({ baseURL: office.base, locale: "zh-CN", timezoneId: "Asia/Shanghai" });
  const page = await context.newPage();
  await signIn(page, login);
  await page.goto("/cases/new");
  await page.getByLabel("申请人姓名").fill("田大娘");
  await page.getByLabel("住在哪里").selectOption(office.at.village);
  await page.getByRole("button", { name: "开始登记" }).click();
  return page;
}

/** Keys of what this tab has kept of forms. */
const kept = (page) => page.evaluate(() => Object.keys(sessionStorage).filter((key) => key.startsWith("kept:")));
const note = (page) => page.locator("[data-kept]");

test("what is typed while the server is away comes back and is saved", async () => {
  const page = await begun("chuangkou");
  const draft = page.url();
  await office.end();
  await page.getByLabel("再加一口人（姓名）").fill("田一");
  await page.locator("#applicant").fill("田大婶");
  await page.locator("#applicant").press("Tab");
  await note(page).filter({ hasText: "没有存上" }).waitFor();
  assert.equal((await kept(page)).length, 1);

  // Sent by hand it does not arrive either, and the page is gone.
  await page.locator("#questions").getByRole("button", { name: "存下，看结果" }).click().catch(() => {});
  await office.goOn(DAY);
  await page.goto(draft).catch(() => {});
  if (new URL(page.url()).pathname === "/sign-in") {
    await signIn(page, "chuangkou");
    await page.goto(draft);
  }
  await note(page).filter({ hasText: "放回来了 2 项" }).waitFor();
  assert.equal(await page.locator("#applicant").inputValue(), "田大婶");
  assert.equal(await page.getByLabel("再加一口人（姓名）").inputValue(), "田一");
  await page.locator("[aria-labelledby=members]").getByRole("button", { name: "加上" }).click();
  assert.match(await page.locator("h1").innerText(), /田大婶/);
  assert.match(await page.locator("[aria-labelledby=members] ul").innerText(), /田一/);
  assert.deepEqual(await kept(page), [], "what has arrived is not kept");
  assert.equal(await note(page).count(), 0);
  await page.context().close();
});

test("nothing is left for the next person at the window", async () => {
  const page = await begun("chuangkou");
  await page.getByLabel("再加一口人（姓名）").fill("田二");
  assert.equal((await kept(page)).length, 1);
  await page.getByRole("button", { name: "退出" }).click();
  assert.deepEqual(await kept(page), [], "signed out");

  // A session that ended by itself: whoever signs in next in this tab is somebody else.
  await signIn(page, "chuangkou");
  await page.goto("/cases/new");
  await page.getByLabel("申请人姓名").fill("田大叔");
  await page.getByLabel("住在哪里").selectOption(office.at.village);
  await page.getByRole("button", { name: "开始登记" }).click();
  await page.getByLabel("再加一口人（姓名）").fill("田三");
  assert.equal((await kept(page)).length, 1);
  await page.context().clearCookies();
  await signIn(page, "cun");
  assert.deepEqual(await kept(page), [], "another person");
  await page.context().close();
});
