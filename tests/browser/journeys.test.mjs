// What people do in the office, in a real browser: DOUDI=the binary npm test
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openBrowser } from "./browser.mjs";
import { tabTo } from "./keyboard.mjs";
import { Client, FIRST, PASSWORD, startOffice, watched } from "./office.mjs";

const DAY = "2020-05-18";
const REASON = "本人已经去世，家属在场，已看过证明";

let browser;
before(async () => {
  browser = await openBrowser();
});
after(() => browser?.close());

/** Runs a journey in an office of its own, with as many watched browsers as it opens. */
async function inOffice(options, journey) {
  const office = await startOffice(options);
  const open = [];
  try {
    await journey(office, async (settings) => {
      const session = await watched(browser, office, settings);
      open.push(session);
      return session;
    });
    for (const session of open) await session.close();
  } catch (error) {
    console.error(office.lines().slice(-5).join("\n"));
    throw error;
  } finally {
    await office.stop();
  }
}

async function changeFirstPassword(page, once) {
  await page.getByLabel("现在的密码").fill(once);
  await page.getByLabel("新密码", { exact: true }).fill(PASSWORD);
  await page.getByLabel("再填一次新密码").fill(PASSWORD);
  await page.getByRole("button", { name: "改密码" }).click();
  await page.getByText("密码已经改好").waitFor();
}

/** A new account; gives its one-time password. */
async function addUser(page, { login, name, role, region }) {
  await page.goto("/users/new");
  await page.getByLabel("用户名").fill(login);
  await page.getByLabel("姓名").fill(name);
  await page.getByLabel("角色").first().selectOption(role);
  await page.getByLabel("辖区代码").first().fill(region);
  await page.getByRole("button", { name: "保存" }).click();
  return page.locator(".note.green strong").textContent();
}

async function assign(page, lead, to) {
  await page.goto(`/leads/${lead}`);
  await page.locator("#to").selectOption({ label: to });
  await page.getByRole("button", { name: /^分派$/ }).click();
}

async function fillReport(page, measure) {
  const within = page.locator("form[action$='/report']");
  await within.locator("input[name=finding][value=属实]").check();
  await within.locator(`input[name=measure][value=${measure}]`).check();
  await within.locator("[name=on]").fill(DAY);
  await within.locator("[name=visitors]").fill("冉某、任某");
  await within.locator("[name=reason]").fill(REASON);
}

/** One white pixel. */
const PHOTO = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8/5+hHgAHggJ/PchI7wAAAABJRU5ErkJggg==", "base64");

/** What ending somebody's aid needs: their word, and evidence. */
const hear = async (page) => {
  await page.locator("#files").setInputFiles({ name: "入户.png", mimeType: "image/png", buffer: PHOTO });
  await page.locator("[name=heard_on]").fill(DAY);
  await page.locator("[name=heard]").fill("家属没有意见");
};

const submit = (page) => page.locator("form[action$='/report']").getByRole("button", { name: "提交" }).click();

/** What was reported stands on the page, and not as a form that came back. */
const reported = (page) => page.locator("dd", { hasText: REASON }).first().waitFor();

/** Set-up, accounts, a lead assigned, reported, confirmed by a second person, and closed by the next month. */
async function wholeJourney(office, open, settings) {
  const { at } = office;
  const first = await open(settings);
  await first.page.goto("/");
  assert.match(first.page.url(), /\/set-up$/, "an empty store leads to the set-up");
  await first.page.getByLabel("设置码").fill(office.code);
  await first.page.getByLabel("用户名").fill(FIRST.login);
  await first.page.getByLabel("姓名").fill(FIRST.name);
  await first.page.getByLabel("密码", { exact: true }).fill(PASSWORD);
  await first.page.getByLabel("再填一次密码").fill(PASSWORD);
  await first.page.getByRole("button", { name: "建立安全管理员账号" }).click();
  await first.signIn(FIRST.login);
  const worker = { login: "cun", name: "村里经办", role: "village-worker", region: at.village };
  const head = { login: "xiang", name: "乡镇负责人", role: "township-head", region: at.township };
  for (const user of [worker, head]) user.once = await addUser(first.page, user);

  const [ofHead, ofWorker] = [await open(settings), await open(settings)];
  for (const [session, user] of [[ofHead, head], [ofWorker, worker]]) {
    await session.signIn(user.login, user.once);
    await session.page.goto("/leads");
    assert.match(session.page.url(), /\/account$/, "nothing opens before the one-time password is changed");
    await changeFirstPassword(session.page, user.once);
  }
  const lead = at.ending.lead_id;
  await assign(ofHead.page, lead, worker.name);

  await ofWorker.page.goto("/leads?whose=me");
  await ofWorker.page.locator(`a[href^="/leads/${lead}"]`).first().click();
  await fillReport(ofWorker.page, "停发");
  await submit(ofWorker.page);
  const told = ofWorker.page.locator("#errors");
  await told.waitFor();
  assert.match(await told.textContent(), /听取/, "ending aid needs a hearing first");
  assert.match(await ofWorker.page.title(), /^有误：/);
  assert.equal(await ofWorker.page.locator("[name=reason]").inputValue(), REASON, "what was typed stays");
  await hear(ofWorker.page);
  await submit(ofWorker.page);
  await ofWorker.page.waitForLoadState();
  assert.match(await ofWorker.page.locator("main").textContent(), /待复核/, await ofWorker.page.locator("#errors").allTextContents().then(String));
  assert.equal(await ofWorker.page.locator("button[value=confirm]").count(), 0, "the first person is not the second");

  await ofHead.page.goto(`/leads/${lead}`);
  assert.match(await ofHead.page.locator("main").textContent(), new RegExp(REASON));
  await ofHead.page.locator("button[value=confirm]").click();
  await ofHead.page.waitForLoadState();
  assert.match(await ofHead.page.locator("main").textContent(), /待整改/);

  office.take("2020-05");
  await ofHead.page.goto(`/leads/${lead}`);
  const after = await ofHead.page.locator("main").textContent();
  assert.match(after, /已销号|已办结/, "the next month closes it");
  for (const name of [worker.name, head.name]) assert.match(after, new RegExp(name), "the history says who");
}

test("from the set-up code to a lead closed by two persons and the next month", () =>
  inOffice({ staffed: false }, (office, open) => wholeJourney(office, open)));

test("the whole journey without scripts", () =>
  inOffice({ staffed: false }, (office, open) => wholeJourney(office, open, { javaScriptEnabled: false })));

test("whoever was slower is told, and keeps what they wrote", () =>
  inOffice({}, async (office, open) => {
    const slow = await open();
    await slow.signIn("cun");
    await slow.page.goto(`/leads/${office.at.other.lead_id}`);
    await fillReport(slow.page, "维持");
    const quick = await open();
    await quick.signIn("xiang");
    await assign(quick.page, office.at.other.lead_id, "村里经办");
    await submit(slow.page);
    const told = slow.page.locator("#errors, [role=alert]").first();
    assert.match(await told.textContent(), /别人已经改过/);
    assert.equal(await slow.page.locator("[name=reason]").inputValue(), REASON);
    assert.ok(await slow.page.locator("input[name=finding][value=属实]").isChecked());
    await submit(slow.page);
    await reported(slow.page);
  }));

test("a photo brought to the wrong lead is taken back, without scripts too", () =>
  inOffice({}, async (office, open) => {
    const session = await open({ javaScriptEnabled: false, viewport: { width: 390, height: 844 } });
    const { page } = session;
    await session.signIn("cun");
    await page.goto(`/leads/${office.at.other.lead_id}`);
    await page.locator("#files").setInputFiles({ name: "邻居家.png", mimeType: "image/png", buffer: PHOTO });
    await page.getByRole("button", { name: "先只传照片和文件" }).click();
    const list = page.locator("#evidence-list");
    const where = await list.getByRole("link", { name: "邻居家.png" }).getAttribute("href");
    await list.getByText("传错了，撤回").click();
    await list.getByLabel("为什么").fill("传到别家的疑点了");
    await list.getByRole("button", { name: "撤回这一份" }).click();
    await list.getByText("撤回：传到别家的疑点了").waitFor();
    assert.equal(await list.getByRole("link", { name: "邻居家.png" }).count(), 0);
    assert.equal((await page.goto(where)).status(), 404, "nobody sees it any more");
  }));

test("a village worker does not see the next village, by list, search or address", () =>
  inOffice({}, async (office, open) => {
    const { elsewhere, other, next } = office.at;
    const session = await open();
    const { page } = session;
    await session.signIn("cun");
    await page.goto("/leads");
    const list = await page.locator("main").textContent();
    assert.ok(list.includes(other.name) && !list.includes(elsewhere.lead_id));
    for (const where of [`/leads/${elsewhere.lead_id}`, `/people/${elsewhere.person_id}`, `/households/${elsewhere.household_id}`]) {
      const answer = await page.goto(where);
      assert.equal(answer.status(), 404, where);
      assert.match(await page.locator("main").textContent(), /不在您的辖区/);
      assert.ok(!(await page.content()).includes(elsewhere.name), where);
    }
    await page.goto(`/people?q=${elsewhere.id_number}`);
    assert.match(await page.locator("main").textContent(), /没有找到/);
    await page.goto(`/leads?place=${next}`);
    assert.ok(!(await page.locator("main").textContent()).includes(elsewhere.name));
    const neighbour = new Client(office.base);
    await neighbour.signIn("lincun", PASSWORD);
    assert.equal((await neighbour.get(`/leads/${elsewhere.lead_id}`)).status, 200, "the neighbour does");
  }));

test("a lead is worked on with the keyboard alone", () =>
  inOffice({}, async (office, open) => {
    const { page } = await open();
    const lead = office.at.other.lead_id;
    await page.goto(`/sign-in?back=/leads/${lead}`);
    await page.keyboard.type("cun");
    await tabTo(page, (seen) => seen.id === "password");
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press("Enter");
    await page.waitForURL((url) => url.pathname === `/leads/${lead}`);

    assert.equal(await tabTo(page, (seen) => seen.text === "跳到正文"), 1, "the skip link is first");
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement.id), "main");
    const steps = await tabTo(page, (seen) => seen.name === "finding");
    assert.ok(steps <= 12, `the form is ${steps} steps from the skip link`);

    await tabTo(page, (seen) => seen.tag === "BUTTON" && /提交/.test(seen.text));
    await page.keyboard.press("Enter");
    await page.locator("#errors").waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.id), "errors", "what is wrong takes the focus");
    await tabTo(page, (seen) => seen.href === "#reason" || seen.href === "#finding", 3);
    await page.keyboard.press("Enter");

    await tabTo(page, (seen) => seen.name === "finding");
    await page.keyboard.press("Space");
    await tabTo(page, (seen) => seen.name === "measure");
    await page.keyboard.press("Space");
    await tabTo(page, (seen) => seen.name === "visitors");
    await page.keyboard.type("冉某、任某");
    await tabTo(page, (seen) => seen.name === "reason");
    await page.keyboard.type(REASON);
    await tabTo(page, (seen) => seen.tag === "BUTTON" && /提交/.test(seen.text));
    await page.keyboard.press("Enter");
    await reported(page);
    await page.keyboard.press("g");
    await page.keyboard.press("l");
    await page.waitForURL("**/leads");
    await page.keyboard.press("j");
    assert.match(await page.evaluate(() => document.activeElement.getAttribute("href")), /^\/leads\//, "j goes to the first row");
    await page.keyboard.press("/");
    assert.equal(await page.evaluate(() => document.activeElement.type), "search", "/ goes to the search");
  }));

test("nothing that was looked for is in the server's log", () =>
  inOffice({}, async (office, open) => {
    const session = await open();
    await session.signIn("shenhe");
    const { other } = office.at;
    for (const typed of [other.name, other.id_number, "欧阳标记"]) {
      await session.page.goto("/people");
      await session.page.getByRole("searchbox").first().fill(typed);
      await session.page.keyboard.press("Enter");
      await session.page.locator("main").waitFor();
    }
    await session.page.goto(`/people/${other.person_id}`);
    const log = office.lines().filter((line) => line.startsWith("{"));
    assert.ok(log.some((line) => JSON.parse(line).fields.route === "/people"));
    for (const secret of [other.name, other.id_number, "欧阳标记", encodeURIComponent(other.name), PASSWORD]) {
      assert.ok(!log.some((line) => line.includes(secret)), secret);
    }
    const counts = await (await fetch(`${office.base}/metrics`)).text();
    assert.match(counts, /doudi_http_requests_total\{method="GET",route="\/people",status="200"\} \d+/);
    assert.equal((await fetch(`${office.base}/readyz`)).status, 200);
  }));
