// A family asks and is answered, in a real browser: DOUDI=the binary node --test cases.test.mjs
import assert from "node:assert/strict";
import { test } from "node:test";
import { answerAll, openCase, PHOTO, take } from "./cases.mjs";
import { desks } from "./desks.mjs";

const desk = desks({ months: ["2020-04", "2020-05"], practice: "2020-06-01" });
const { as } = desk;

/** Opens a case for a family that the register does not have; gives its address. */
const open = (page, name, kind) => openCase(page, desk.office.at.village, name, kind);

const SURVEY = { "户.调查人员数": "2", "户.调查双方已签字": "是" };

/** From the window to the county's desk: the township's part of an application in Chongqing in 2020. */
async function throughTownship(clerk, village, head, where) {
  await take(clerk, where, "受理", { fill: { "户.本地户籍": "是" } });
  await take(village, where, "信息核对", { fill: { "户.已办理授权": "是" } });
  await take(village, where, "登记入户调查", { fill: SURVEY });
  await take(village, where, "开始民主评议");
  await take(village, where, "登记民主评议", { fill: { "户.评议总人数": "9", "户.评议代表人数": "7" } });
  await take(head, where, "提出建议意见");
  await take(village, where, "张贴公示");
}

test("a family asks at the window and gets its letter", async () => {
  const [clerk, village, head] = [await as("chuangkou"), await as("cun"), await as("xiang")];
  const where = await open(clerk, "向大山", "最低生活保障申请");
  // What the family gets in hand: when it will be answered, and where it can look.
  await take(clerk, where, "受理", { fill: { "户.本地户籍": "是" } });
  await clerk.goto(`${where}/print/receipt`);
  const receipt = await clerk.locator("article").innerText();
  assert.match(receipt, /2020年6月15日/);
  const code = receipt.match(/progress\?code=(\S+)/)?.[1];
  const family = await desk.open({ viewport: { width: 390, height: 844 }, javaScriptEnabled: false });
  await family.page.goto(`/progress?code=${code}`);
  const progress = await family.page.locator("main").innerText();
  assert.match(progress, /待调查核实/);
  assert.doesNotMatch(progress, /向大山/, "the code alone told a name");

  await take(village, where, "信息核对", { fill: { "户.已办理授权": "是" } });
  const alone = await take(village, where, "登记入户调查", { fill: { ...SURVEY, "户.调查人员数": "1" } });
  assert.match(alone, /“调查人员符合规定”不成立/);
  await take(village, where, "登记入户调查", { fill: SURVEY });
  const stopped = await take(village, where, "开始民主评议");
  assert.match(stopped, /2020-06-01 起停表/);
  await take(village, where, "登记民主评议", { fill: { "户.评议总人数": "9", "户.评议代表人数": "7" } });
  await take(head, where, "提出建议意见");
  await take(village, where, "张贴公示");
  await village.goto(`${where}/print/public-notice`);
  const notice = await village.locator("article").innerText();
  assert.match(notice, /向大山/);
  assert.doesNotMatch(notice, /\d{15,18}|1966/, "the notice says more than a name");
  const early = await take(head, where, "公示期满，报县民政局审批");
  assert.match(early, /公示七天满了才能上报/);

  await desk.office.goOn("2020-06-10");
  const [headLater, reviewer, approver] = [await as("xiang"), await as("shenhe"), await as("shenpi")];
  // Nine days of notice do not count: the thirty days end nine days later.
  assert.match(await take(headLater, where, "公示期满，报县民政局审批"), /低保审核确认期限\s*2020-07-10/);
  await take(approver, where, "提出审批意见：拟批准", { fill: { "户.接到投诉举报": "否" } });
  await take(reviewer, where, "县级公示");
  await desk.office.goOn("2020-06-18");
  const decider = await as("shenpi");
  const granted = await take(decider, where, "批准");
  assert.match(granted, /决定：给予[\s\S]*440\.00元[\s\S]*2020-06/);
  await decider.goto(`${where}/print/letter`);
  const letter = await decider.locator("article").innerText();
  for (const words of ["每月发给440.00元", "从2020年6月起", "《社会救助暂行办法》", "行政复议"]) assert.ok(letter.includes(words), `the letter does not say ${words}`);
});

/** Puts right what a case knows of its family before a step: words of known facts by their name. */
async function correct(page, where, step, facts) {
  await page.goto(where);
  const card = page.locator(`#step-${step}`);
  await card.evaluate((details) => (details.open = true));
  await card.getByRole("button", { name: "更正家庭情况" }).click();
  for (const [path, value] of Object.entries(facts)) {
    await page.locator("details", { hasText: "已经知道的" }).evaluate((details) => (details.open = true));
    await page.locator(`[name='${path}']`).fill(value);
  }
  await page.getByRole("button", { name: "改好了，回到办件" }).click();
  await page.getByText("改过的家庭情况会和下一步一起记下").waitFor();
  return new URL(page.url()).pathname + new URL(page.url()).search;
}

test("a refusal says why, and its appeal is another case", async () => {
  await desk.office.goOn("2020-06-01");
  const [clerk, village, head] = [await as("chuangkou"), await as("cun"), await as("xiang")];
  const where = await open(clerk, "冉高升", "最低生活保障申请");
  await take(clerk, where, "受理", { fill: { "户.本地户籍": "是" } });
  await take(village, where, "信息核对", { fill: { "户.已办理授权": "是" } });
  const found = await correct(village, where, "survey", { '["household","存款总额"]': "300000" });
  await take(village, found, "登记入户调查", { fill: SURVEY, note: "银行卡上有三十万元" });
  await take(village, where, "开始民主评议");
  await take(village, where, "登记民主评议", { fill: { "户.评议总人数": "9", "户.评议代表人数": "7" } });
  await take(head, where, "提出建议意见");
  await take(village, where, "张贴公示");
  await desk.office.goOn("2020-06-10");
  const [headLater, approver] = [await as("xiang"), await as("shenpi")];
  await take(headLater, where, "公示期满，报县民政局审批");
  const granting = await take(approver, where, "提出审批意见：拟批准", { fill: { "户.接到投诉举报": "否" } });
  assert.match(granting, /现在不能“提出审批意见：拟批准”：“有人应享低保”不成立/);
  const refused = await take(approver, where, "不予批准", { fill: { "户.接到投诉举报": "否" } });
  assert.match(refused, /决定：不予/);
  await approver.goto(`${where}/print/letter`);
  const letter = await approver.locator("article").innerText();
  for (const words of ["不予确认", "300,000.00元", "60日", "行政复议", "行政诉讼"]) assert.ok(letter.includes(words), `the letter does not say ${words}`);
  const [villageLater, clerkLater] = [await as("cun"), await as("chuangkou")];
  await take(villageLater, where, "书面告知本人");
  await take(clerkLater, where, "本人不服，要求复查或者复议", { note: "钱是替侄儿保管的" });
  await clerkLater.goto("/cases?kind=appeal");
  const appeal = await clerkLater.locator("table[data-rows] a").first().getAttribute("href");
  const begun = await take(villageLater, appeal, "请没有办过的人复查", { fill: { "户.知道决定日期": "2020-06-10" } });
  assert.match(begun, new RegExp(`来自\\s*${where.split("/").pop()}`));
});

test("aid is not ended by the second person while the law still gives it", async () => {
  await desk.office.goOn("2020-06-01");
  const [clerk, village, head] = [await as("chuangkou"), await as("cun"), await as("xiang")];
  await clerk.goto("/cases/batch");
  await clerk.getByLabel(/定期核查/).check();
  await clerk.getByLabel("地区").selectOption(desk.office.at.village);
  await clerk.getByRole("button", { name: "开办件" }).click();
  await clerk.goto("/cases?kind=review");
  const review = await clerk.locator("table[data-rows] a").first().getAttribute("href");
  await take(village, review, "这家人书面要求退出");
  await village.goto("/cases?kind=exit");
  const exit = await village.locator("table[data-rows] a").first().getAttribute("href");
  await take(village, exit, "听取本人（监护人）意见");
  // What the household is: asked to the end, then too rich.
  await village.goto(exit);
  await village.locator("#step-recheck").evaluate((details) => (details.open = true));
  await village.locator("#step-recheck").getByRole("button", { name: "更正家庭情况" }).click();
  await answerAll(village);
  await village.locator("details", { hasText: "已经知道的" }).evaluate((details) => (details.open = true));
  await village.locator(`[name='["household","存款总额"]']`).fill("900000");
  await village.getByRole("button", { name: "改好了，回到办件" }).click();
  await village.getByText("改过的家庭情况会和下一步一起记下").waitFor();
  const again = new URL(village.url()).pathname + new URL(village.url()).search;
  await take(village, again, "第二次核查", { fill: SURVEY });
  const proposed = await take(head, exit, "提出意见", { note: "存款太多" });
  assert.match(proposed, /环节/);
  const approver = await as("shenpi");
  const seen = await correct(approver, exit, "confirm", { '["household","存款总额"]': "0" });
  const stopped = await take(approver, seen, "决定停发", { note: "银行说钱不是他家的" });
  assert.match(stopped, /现在不能“决定停发”：“有人应享低保”成立/);
  assert.match(await take(approver, exit, "不停不减，继续照发"), /继续照发/);
});

test("urgent aid at night comes first, its papers after", async () => {
  await desk.office.goOn("2020-02-01T23:40");
  const [clerk, head, village] = [await as("chuangkou"), await as("xiang"), await as("cun")];
  const where = await open(clerk, "田水生", "急难先行救助");
  await take(clerk, where, "登记报告", { fill: { "户.临时困难原因": "火灾", "户.需立即救助": "是", "户.基本生活严重困难": "是" } });
  const given = await take(head, where, "乡镇（街道）先行救助", { fill: { "户.拟救助金额": "500元" } });
  assert.match(given, /急难/);
  await desk.office.goOn("2020-02-03");
  const later = await as("cun");
  const eased = await take(later, where, "急难缓解");
  // Given in the night, at once, by the township; what is still to be written comes after.
  assert.match(eased, /决定：给予\s*日期\s*2020-02-01/);
  assert.match(eased, /2020-02-01 23:4\d:\d\d\s+乡镇负责人\s+乡镇（街道）先行救助/);
  // Whoever gave is not who signs for it.
  const giver = await as("xiang");
  await giver.goto(where);
  assert.match(await giver.locator("main").innerText(), /等别人办：[^\n]*登记、补齐签字盖章/);
  assert.equal(await giver.locator("#step-complete").count(), 0);
});

test("a village is canvassed on a telephone without scripts", async () => {
  await desk.office.goOn("2020-06-02");
  const clerk = await as("chuangkou");
  await clerk.goto("/cases/batch");
  await clerk.getByLabel(/入户摸排/).check();
  await clerk.getByLabel("地区").selectOption(desk.office.at.village);
  await clerk.getByRole("button", { name: "开办件" }).click();
  await clerk.getByText(/已开 \d+ 件/).waitFor();
  const village = await as("cun", { viewport: { width: 390, height: 844 }, javaScriptEnabled: false });
  await village.goto("/cases?kind=canvass");
  const first = village.locator("table[data-rows] a").first();
  const where = await first.getAttribute("href");
  await first.click();
  const wide = await village.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= 390, `the page is ${wide} px wide`);
  // Without scripts a card opens by itself where it is tapped.
  await village.locator("summary", { hasText: /^不在家$/ }).click();
  const card = village.locator("details[open]", { hasText: "不在家" }).first();
  await card.locator('input[type="text"]').first().fill("1");
  if (await card.locator("textarea").count()) await card.locator("textarea").fill("邻居说去赶集了");
  await card.locator(".actions button").click();
  await village.goto(where);
  assert.match(await village.locator("main").innerText(), /不在家/);
});

test("two who act at once: the second sees what the first did", async () => {
  await desk.office.goOn("2020-06-01");
  const [clerk, other] = [await as("chuangkou"), await as("cun")];
  const where = await open(clerk, "石小满", "最低生活保障申请");
  await take(clerk, where, "受理", { fill: { "户.本地户籍": "是" } });
  await other.goto(where);
  await take(clerk, where, "本人撤回申请");
  const card = other.locator("details.card", { hasText: "信息核对" }).first();
  await card.evaluate((details) => (details.open = true));
  await card.locator('[value="是"]').first().check();
  await card.locator("input[type=file]").setInputFiles(PHOTO);
  await card.locator(".actions button").click();
  assert.match(await other.locator("main").innerText(), /别人已经办过一步/);
});
