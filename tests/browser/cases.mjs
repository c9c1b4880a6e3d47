// Cases at the window, with the mouse: what several tests do on the way to what they look at.
import assert from "node:assert/strict";

const picture = ["ffd8ffe000046162ffc0000b080010001001011100ffda0002", Buffer.from("picture").toString("hex"), "ffd9"];
export const PHOTO = { name: "photo.jpg", mimeType: "image/jpeg", buffer: Buffer.from(picture.join(""), "hex") };

/** What a household of nothing answers to a question with options. */
export function answerTo(label, options) {
  const yes = /住在一起|已核对/.test(label) ? "是" : "否";
  return ["农村", "户主", "没有", "无", yes].find((word) => options.includes(word)) ?? options.find((word) => word && word !== "不知道");
}

/** What it answers to one without. */
export const typedAnswer = (type) => ({ date: "1966-03-01", month: "2020-05" })[type] ?? "0";

/** Answers a household of nothing: what is asked until nothing is asked any more. */
export async function answerAll(page) {
  for (let round = 0; round < 12; round += 1) {
    const fields = page.locator("#questions .field");
    const count = await fields.count();
    if (count === 0) return;
    for (let at = 0; at < count; at += 1) await answer(fields.nth(at));
    await page.locator("#questions").getByRole("button", { name: "存下，看结果" }).click();
    assert.equal(await page.locator("#errors").count(), 0, "an answer did not read");
  }
  assert.fail("the questions have no end");
}

async function answer(field) {
  const label = await field.locator("legend, label").first().innerText();
  const radios = await field.locator("input[type=radio]").evaluateAll((all) => all.map((one) => one.value));
  if (radios.length > 0) {
    await field.locator(`input[value="${answerTo(label, radios)}"]`).check();
  } else if (await field.locator("select").count()) {
    const options = await field.locator("option").allInnerTexts();
    await field.locator("select").selectOption(answerTo(label, options));
  } else {
    await field.locator("input").fill(typedAnswer(await field.locator("input").getAttribute("type")));
  }
}

/** Opens a case for a family that the register does not have; gives its address. The questions may be left for later. */
export async function openCase(page, village, name, kind, { answers = true } = {}) {
  await page.goto("/cases/new");
  await page.getByLabel("申请人姓名").fill(name);
  await page.getByLabel("住在哪里").selectOption(village);
  await page.getByRole("button", { name: "开始登记" }).click();
  if (answers) await answerAll(page);
  await page.getByLabel(kind, { exact: true }).check();
  await page.getByRole("button", { name: "交上去，开始办" }).click();
  await page.getByRole("heading", { name: "办到哪里" }).waitFor();
  return new URL(page.url()).pathname;
}

/** Takes a step of a case; gives what the page then says. */
export async function take(page, where, name, { fill = {}, note = "记下来", file = true } = {}) {
  await page.goto(where);
  const card = page.locator("details.card", { has: page.locator("summary", { hasText: new RegExp(`^${name}$`) }) });
  await card.evaluate((details) => (details.open = true));
  for (const [fact, value] of Object.entries(fill)) {
    const field = card.locator(`[name="fact:${fact}"]`);
    const kind = await field.first().evaluate((one) => (one.type === "radio" ? "radio" : one.tagName));
    if (kind === "radio") await card.locator(`[name="fact:${fact}"][value="${value}"]`).check();
    else if (kind === "SELECT") await field.selectOption(value);
    else await field.fill(value);
  }
  if (await card.locator("textarea").count()) await card.locator("textarea").fill(note);
  if (file && (await card.locator("input[type=file]").count())) await card.locator("input[type=file]").setInputFiles(PHOTO);
  await card.locator(".actions button").click();
  await page.waitForLoadState();
  return page.locator("main").innerText();
}
