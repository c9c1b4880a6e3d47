// The one window without a mouse and without scripts: DOUDI=the binary node --test window.test.mjs
import assert from "node:assert/strict";
import { test } from "node:test";
import { answerTo, PHOTO, typedAnswer } from "./cases.mjs";
import { desks } from "./desks.mjs";
import { attach, choose, enter, focused, press, reach, skip, tabTo, typeDay } from "./keyboard.mjs";
import { PASSWORD } from "./office.mjs";

const desk = desks({ months: ["2020-04", "2020-05"], practice: "2020-06-01" });

/** Somebody's browser, signed in with the keyboard. */
async function as(login, settings) {
  const { page } = await desk.open(settings);
  await page.goto("/sign-in");
  assert.equal((await focused(page)).called, "用户名", "the first field has the focus");
  await page.keyboard.type(login);
  await reach(page, "密码", { most: 1 });
  await page.keyboard.type(PASSWORD);
  await enter(page);
  return page;
}

/** From the menu to the form of a new application. */
async function toWindow(page) {
  await press(page, "办件", { role: "link" });
  await skip(page);
  await press(page, "受理申请", { role: "link", most: 3 });
  assert.equal((await focused(page)).called, "姓名、身份证号、电话或户号", "the search has the focus");
}

/** Answers where the focus is, as a household of nothing. */
async function answer(page, seen) {
  const label = seen.group || seen.text;
  if (seen.tag === "SELECT" || seen.type === "radio") await choose(page, answerTo(label, await options(page)));
  else if (seen.type === "date" || seen.type === "month") await typeDay(page, typedAnswer(seen.type));
  else await page.keyboard.type(typedAnswer(seen.type));
}

const options = (page) =>
  page.evaluate(() => {
    const at = document.activeElement;
    const all = at.tagName === "SELECT" ? [...at.options] : [...document.getElementsByName(at.name)].map((one) => one.closest("label"));
    return all.map((one) => one.textContent.trim());
  });

/** Answers what is asked, page after page, until nothing is asked any more. */
async function answerAll(page) {
  for (let round = 0; round < 12; round += 1) {
    if ((await page.locator("#questions .field").count()) === 0) return;
    const answered = new Set();
    // The first page is reached through the members; later ones begin at the questions.
    if (round === 0) await skip(page);
    await tabTo(page, (seen) => seen.within.includes("questions"), round === 0 ? 4 : 1);
    for (let seen = await focused(page); seen.called !== "存下，看结果"; seen = await focused(page)) {
      if (!answered.has(seen.name)) await answer(page, seen);
      answered.add(seen.name);
      await page.keyboard.press("Tab");
    }
    await enter(page);
    assert.equal(await page.locator("#errors").count(), 0, "an answer did not read");
  }
  assert.fail("the questions have no end");
}

/** Fills in a step's form, from its first field to its button. */
async function fillIn(page, name, { fill, note }) {
  for (let stops = 0; stops < 40; stops += 1) {
    await tabTo(page, () => true, 1);
    const seen = await focused(page);
    const fact = seen.name.replace("fact:", "");
    if (seen.role === "button" && seen.called === name) return enter(page);
    if (seen.type === "file") await attach(page, PHOTO);
    else if (seen.tag === "TEXTAREA") await page.keyboard.type(note);
    else if (fact in fill && (seen.type === "radio" || seen.tag === "SELECT")) await choose(page, fill[fact]);
    else if (fact in fill) await page.keyboard.type(fill[fact]);
  }
  throw new Error(`the form of “${name}” has no end`);
}

/** Takes a step of the case that is open; gives what the page then says. */
async function take(page, name, { fill = {}, note = "记下来" } = {}) {
  await skip(page);
  await reach(page, name, { most: 12 });
  const isOpen = await page.evaluate(() => document.activeElement.parentElement.open);
  if (!isOpen) await page.keyboard.press("Enter");
  await fillIn(page, name, { fill, note });
  return page.locator("main").innerText();
}

/** Finds a case in the list by the applicant's name, and opens it. */
async function find(page, name) {
  await press(page, "办件", { role: "link" });
  await skip(page);
  await reach(page, "申请人姓名或办件编号");
  await page.keyboard.type(name);
  await enter(page);
  await skip(page);
  await press(page, name, { role: "link" });
  assert.match(await page.title(), new RegExp(name));
}

/** From the search to the case: found families are offered, others are written down. */
async function apply(page, name) {
  await toWindow(page);
  const { other } = desk.office.at;
  await page.keyboard.type(other.name);
  await enter(page);
  // The search keeps the focus: what it found follows.
  await press(page, new RegExp(`^为 ${other.name} 一家申请$`), { most: 4 });
  assert.match(await page.locator("h1").innerText(), new RegExp(`登记家庭情况：${other.name}`));
  await press(page, "不办了，删掉这份草稿", { role: "button", key: "Shift+Tab" });

  await toWindow(page);
  await page.keyboard.type(name);
  await enter(page);
  assert.match(await page.locator("main").innerText(), /没有找到/);
  await reach(page, "申请人姓名");
  await page.keyboard.type(name);
  await reach(page, "住在哪里", { most: 1 });
  await choose(page, await page.locator(`#place option[value="${desk.office.at.village}"]`).innerText().then((text) => text.trim()));
  await press(page, "开始登记", { most: 1 });
  await answerAll(page);
  await tabTo(page, (seen) => seen.name === "kind");
  await choose(page, "最低生活保障申请");
  await press(page, "交上去，开始办");
  await page.getByRole("heading", { name: "办到哪里" }).waitFor();
}

const SURVEY = { "户.调查人员数": "2", "户.调查双方已签字": "是" };

/** A survey of one person is refused: what is wrong is said where the focus goes, and leads to the form. */
async function surveyTwice(page, scripts) {
  await take(page, "登记入户调查", { fill: { ...SURVEY, "户.调查人员数": "1" } });
  assert.match(await page.title(), /^有误：/);
  assert.match(await page.locator("#errors").innerText(), /“调查人员符合规定”不成立/);
  if (scripts) assert.equal((await focused(page)).id, "errors", "what is wrong takes the focus");
  await tabTo(page, (seen) => seen.within.includes("errors") && seen.href.startsWith("#"), scripts ? 1 : 40);
  await page.keyboard.press("Enter");
  await tabTo(page, (seen) => seen.within.includes("step-survey"), 1);
  await reach(page, "更正家庭情况");
  // What was typed is still there: only the number is another.
  const number = (seen) => seen.name === "fact:户.调查人员数";
  await tabTo(page, number, 2);
  assert.equal((await focused(page)).value, "1");
  await page.keyboard.press("Control+A");
  await page.keyboard.type("2");
  await fillIn(page, "登记入户调查", { fill: {}, note: "" });
  return page.locator("main").innerText();
}

/** An application from the search to the letter that grants it, with nothing but keys. */
async function toTheLetter(name, settings = {}) {
  const scripts = settings.javaScriptEnabled !== false;
  await desk.office.goOn("2020-06-01");
  const clerk = await as("chuangkou", settings);
  await apply(clerk, name);
  assert.match(await take(clerk, "受理", { fill: { "户.本地户籍": "是" } }), /待调查核实/);
  await press(clerk, "受理回执", { role: "link" });
  assert.match(await clerk.locator("article").innerText(), new RegExp(`${name}[\\s\\S]*2020年6月15日`));

  const [village, head] = [await as("cun", settings), await as("xiang", settings)];
  await find(village, name);
  await take(village, "信息核对", { fill: { "户.已办理授权": "是" } });
  assert.match(await surveyTwice(village, scripts), /待民主评议/);
  assert.match(await take(village, "开始民主评议"), /停表/);
  await take(village, "登记民主评议", { fill: { "户.评议总人数": "9", "户.评议代表人数": "7" } });
  await find(head, name);
  await take(head, "提出建议意见");
  await find(village, name);
  assert.match(await take(village, "张贴公示"), /公示中/);

  await desk.office.goOn("2020-06-10");
  const [later, approver, reviewer] = [await as("xiang", settings), await as("shenpi", settings), await as("shenhe", settings)];
  await find(later, name);
  await take(later, "公示期满，报县民政局审批");
  await find(approver, name);
  await take(approver, "提出审批意见：拟批准", { fill: { "户.接到投诉举报": "否" } });
  await find(reviewer, name);
  await take(reviewer, "县级公示");

  await desk.office.goOn("2020-06-18");
  const decider = await as("shenpi", settings);
  await find(decider, name);
  assert.match(await take(decider, "批准"), /决定：给予/);
  await press(decider, "决定书", { role: "link" });
  const letter = await decider.locator("article").innerText();
  for (const words of [name, "每月发给440.00元", "从2020年6月起", "行政复议"]) assert.ok(letter.includes(words), `the letter does not say ${words}`);
  await press(decider, "回到办件");
}

test("an application comes to its letter with the keyboard alone", () => toTheLetter("向大山"));

test("an application comes to its letter without scripts, with the keyboard alone", () => toTheLetter("冉高升", { javaScriptEnabled: false }));

test("what scripts keep by themselves presses no button that has the focus", async () => {
  const page = await as("chuangkou");
  await toWindow(page);
  await page.keyboard.type(desk.office.at.other.name);
  await enter(page);
  await press(page, new RegExp(`^为 ${desk.office.at.other.name} 一家申请$`), { most: 4 });
  const draft = page.url();
  for (const button of ["交上去，开始办", "不办了，删掉这份草稿"]) {
    await page.goto(draft);
    await tabTo(page, (seen) => seen.name === "kind");
    const kept = page.waitForResponse((answer) => answer.request().method() === "POST");
    await choose(page, "最低生活保障申请");
    await reach(page, button, { most: 12 });
    assert.equal(new URL((await kept).url()).pathname, new URL(draft).pathname);
    assert.equal((await page.goto(draft)).status(), 200, `“${button}” only had the focus`);
    assert.match(await page.locator("h1").innerText(), /登记家庭情况/);
  }
  await press(page, "不办了，删掉这份草稿", { role: "button" });
});

/** Members of the family that is being written down. */
const members = (page) => page.locator("[aria-labelledby=members] li").evaluateAll((all) => all.map((one) => one.firstChild.textContent.trim()));

for (const settings of [{}, { javaScriptEnabled: false }]) {
  const how = settings.javaScriptEnabled === false ? "without scripts" : "with what scripts keep by themselves";
  test(`a family is written down with Enter, each member once, ${how}`, async () => {
    const page = await as("chuangkou", settings);
    await toWindow(page);
    await reach(page, "申请人姓名");
    await page.keyboard.type("田大娘");
    await reach(page, "住在哪里", { most: 1 });
    await choose(page, await page.locator(`#place option[value="${desk.office.at.village}"]`).innerText().then((text) => text.trim()));
    await press(page, "开始登记", { most: 1 });
    await skip(page);
    await reach(page, "再加一口人（姓名）", { most: 2 });
    await page.keyboard.type("田一");
    await enter(page);
    assert.equal((await focused(page)).called, "再加一口人（姓名）", "the next member can be written at once");
    await page.keyboard.type("田二");
    // Scripts keep what was written while somebody goes on to the button.
    const kept = settings.javaScriptEnabled === false ? undefined : page.waitForResponse((answer) => answer.request().method() === "POST");
    await reach(page, "加上", { most: 1 });
    await kept;
    await enter(page);
    assert.deepEqual(await members(page), ["田大娘", "田一", "田二"]);
    // Enter in any field keeps what is written; nobody leaves the family.
    await reach(page, "申请人", { key: "Shift+Tab", most: 6 });
    await enter(page);
    await tabTo(page, (seen) => seen.within.includes("questions"), 1);
    assert.deepEqual(await members(page), ["田大娘", "田一", "田二"]);
    await reach(page, "去掉 田一", { key: "Shift+Tab", most: 6 });
    await enter(page);
    assert.deepEqual(await members(page), ["田大娘", "田二"]);
    assert.equal((await focused(page)).called, "再加一口人（姓名）");
    await press(page, "不办了，删掉这份草稿", { role: "button" });
  });
}
