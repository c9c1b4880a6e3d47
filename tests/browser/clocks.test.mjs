// Clocks across the Spring Festival of 2020, whose holiday was extended: DOUDI=the binary node --test clocks.test.mjs
// The office is another county's than the demo's where its law has hours; a case needs no cleared month.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openCase, take } from "./cases.mjs";
import { desks } from "./desks.mjs";
import { Client, FIRST, PASSWORD } from "./office.mjs";

/** A township of a district whose city says by how many hours urgent aid has to come. */
const DISTRICT = "370902";
const TOWNSHIP = `${DISTRICT}001`;

const desk = desks({ months: ["2020-04"], practice: "2020-01-15" }, async (office) => {
  const first = new Client(office.base);
  await first.signIn(FIRST.login, PASSWORD);
  const others = [["dai-chuangkou", "window-clerk", TOWNSHIP], ["dai-xiang", "township-head", TOWNSHIP], ["dai-shenpi", "county-approver", DISTRICT]];
  for (const [login, role, region] of others) {
    const page = await first.post("/users/new", { login, name: login, role, region, action: "grants" });
    const own = new Client(office.base);
    const once = page.text.match(/一次性密码：<strong>([^<]+)</)?.[1];
    await own.signIn(login, once);
    assert.equal((await own.post("/account", { old: once, new: PASSWORD, again: PASSWORD })).status, 303);
  }
});

const { as } = desk;

/** What somebody's list says of a case: its row, whether it is among the late ones, and how many are late where. */
async function listed(login, where, name) {
  const page = await as(login);
  const row = page.locator("table[data-rows] tr", { has: page.locator(`a[href="${where}"]`) });
  await page.goto(`/cases?q=${encodeURIComponent(name)}`);
  const [due, sums] = [await row.locator("[data-label=时限]").innerText(), await page.locator("[aria-labelledby=sums]").innerText()];
  await page.goto("/cases?clock=overdue");
  const isLate = (await row.count()) === 1;
  await page.goto(where);
  return { due: due.trim(), isLate, sums, page: await page.locator("[aria-labelledby=where]").innerText() };
}

/** What the township and the county see of a case on a day: the same. */
async function seen(day, logins, where, name) {
  await desk.office.goOn(day);
  const all = [];
  for (const login of logins) all.push(await listed(login, where, name));
  for (const other of all.slice(1)) assert.deepEqual([other.due, other.isLate], [all[0].due, all[0].isLate], `${logins} differ on ${day}`);
  return all;
}

const OFFICIALS = ["xiang", "shenpi"];

test("working days pass over the holiday as it was extended, and the day after the last is late", async () => {
  const clerk = await as("chuangkou");
  const where = await openCase(clerk, desk.office.at.village, "石守岁", "最低生活保障申请", { answers: false });
  await take(clerk, where, "受理", { fill: { "户.本地户籍": "是" } });
  // Accepted on Wednesday 15 January, counted from the day after. 16, 17, Sunday 19 (worked), 20, 21, 22, 23 January are
  // seven; 24 January to 2 February is the holiday, its last three days added late; 3, 4, 5 February make ten.
  for (const [township, county] of [await seen("2020-01-23", OFFICIALS, where, "石守岁"), await seen("2020-02-05T23:50", OFFICIALS, where, "石守岁")]) {
    for (const one of [township, county]) {
      assert.equal(one.due, "2020-02-05");
      assert.equal(one.isLate, false);
      assert.match(one.page, /低保调查期限\s*2020-02-05 还有/);
      // Thirty days by the calendar, holidays among them: 16 days of January and 14 of February.
      assert.match(one.page, /低保审核确认期限\s*2020-02-14 还有/);
      assert.doesNotMatch(one.sums, /超期/);
    }
  }
  for (const one of await seen("2020-02-06T00:10", OFFICIALS, where, "石守岁")) {
    assert.equal(one.due, "2020-02-05 已超期");
    assert.equal(one.isLate, true);
    assert.match(one.page, /低保调查期限\s*2020-02-05 已超期/);
    assert.match(one.page, /低保审核确认期限\s*2020-02-14 还有/);
    assert.match(one.sums, /超期 1/);
  }
});

test("urgent aid's hours run through the holiday", async () => {
  await desk.office.goOn("2020-01-25T10:00");
  const clerk = await as("dai-chuangkou");
  const where = await openCase(clerk, TOWNSHIP, "岳初一", "急难先行救助", { answers: false });
  await take(clerk, where, "登记报告", { fill: { "户.临时困难原因": "火灾", "户.需立即救助": "是", "户.基本生活严重困难": "是" } });
  const officials = ["dai-chuangkou", "dai-xiang", "dai-shenpi"];
  for (const one of await seen("2020-01-26T09:50", officials, where, "岳初一")) {
    assert.match(one.due, /^2020-01-26 10:0\d$/);
    assert.equal(one.isLate, false);
    assert.match(one.page, /急难先行救助届满时刻\s*2020-01-26 10:0\d 还有 1?\d 分钟/);
  }
  for (const one of await seen("2020-01-26T10:10", officials, where, "岳初一")) {
    assert.match(one.due, /^2020-01-26 10:0\d 已超期$/);
    assert.equal(one.isLate, true);
    assert.match(one.sums, /超期 1/);
  }
});
