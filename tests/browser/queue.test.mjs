// Clean cases are decided together, the others by themselves, in a real browser: DOUDI=the binary node --test queue.test.mjs
import assert from "node:assert/strict";
import { test } from "node:test";
import { openCase, take } from "./cases.mjs";
import { desks } from "./desks.mjs";

const desk = desks({ months: ["2020-04", "2020-05"], practice: "2020-06-01" });
const { as } = desk;

const SURVEY = { "户.调查人员数": "2", "户.调查双方已签字": "是" };
/** A folder for pictures of the pages, for whoever wants to look at them. */
const PICTURES = process.env.PICTURES;

test("two clean cases are decided together and a third by itself", async () => {
  const [clerk, village, head] = [await as("chuangkou"), await as("cun"), await as("xiang")];
  const names = ["向大山", "向小山", "冉小河"];
  const cases = [];
  for (const name of names) {
    const where = await openCase(clerk, desk.office.at.village, name, "最低生活保障申请");
    cases.push(where);
    await take(clerk, where, "受理", { fill: { "户.本地户籍": "是" } });
    await take(village, where, "信息核对", { fill: { "户.已办理授权": "是" } });
    await take(village, where, "登记入户调查", { fill: SURVEY });
    await take(village, where, "开始民主评议");
    await take(village, where, "登记民主评议", { fill: { "户.评议总人数": "9", "户.评议代表人数": "7" } });
    await take(head, where, "提出建议意见");
    await take(village, where, "张贴公示");
  }
  // Somebody complains about the third: until that is answered it is nobody's to decide among others.
  await openCase(clerk, desk.office.at.village, names[2], "举报、投诉", { answers: false });
  await desk.office.goOn("2020-06-10");
  const [headLater, reviewer, approver] = [await as("xiang"), await as("shenhe"), await as("shenpi")];
  for (const where of cases) {
    await take(headLater, where, "公示期满，报县民政局审批");
    await take(approver, where, "提出审批意见：拟批准", { fill: { "户.接到投诉举报": "否" } });
    await take(reviewer, where, "县级公示");
  }
  await desk.office.goOn("2020-06-18");
  const decider = await as("shenpi", { viewport: { width: 390, height: 844 }, javaScriptEnabled: false });
  await decider.goto("/cases");
  await decider.getByRole("link", { name: "待我决定" }).click();
  const list = await decider.locator("main").innerText();
  for (const name of names) assert.match(list, new RegExp(name));
  assert.match(list, /给予，440\.00元/);
  assert.match(list, /要单独决定\s+还有一件没有办完：举报、投诉/);
  assert.equal(await decider.locator("input[name=case]").count(), 2, list);
  const wide = await decider.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= 390, `the page is ${wide} wide`);
  if (PICTURES) await decider.screenshot({ path: `${PICTURES}/queue-390.png`, fullPage: true });
  await decider.getByRole("button", { name: "看一遍打勾的，再决定" }).click();
  const check = await decider.locator("main").innerText();
  assert.match(check, /一共 2 件，还没有决定/);
  assert.match(check, /880\.00元/);
  if (PICTURES) await decider.screenshot({ path: `${PICTURES}/queue-check-390.png`, fullPage: true });
  await decider.getByRole("button", { name: "决定这 2 件" }).click();
  assert.match(await decider.locator("main").innerText(), /决定了 2 件，给予 2 件（每月合计 880\.00元）/);
  await decider.getByRole("link", { name: "打印向小山的决定书" }).click();
  assert.match(await decider.locator("article").innerText(), /每月发给440\.00元/);
  const later = await as("shenpi", { viewport: { width: 1366, height: 768 } });
  await later.goto("/cases/queue");
  const left = await later.locator("main").innerText();
  assert.match(left, /冉小河/);
  assert.doesNotMatch(left, /向大山|向小山/);
  if (PICTURES) await later.screenshot({ path: `${PICTURES}/queue-1366.png`, fullPage: true });
});
