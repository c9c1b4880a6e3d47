// A page worked on by keyboard alone: where the focus is, as a screen reader names it, and that it can be seen there.
import assert from "node:assert/strict";

/** Steps with Tab after which something counts as not to be reached. */
const MOST = 120;

/** What has the focus: the role and the name that assistive technology is told, and what tests look at besides. */
export async function focused(page) {
  const seen = await page.evaluate(() => {
    const element = document.activeElement;
    const style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    return {
      tag: element.tagName, id: element.id, name: element.getAttribute("name") ?? "", type: element.type ?? "", value: element.value ?? "",
      href: element.getAttribute("href") ?? "", text: (element.labels?.[0]?.textContent ?? element.getAttribute("aria-label") ?? element.textContent).trim(),
      group: element.closest("fieldset")?.querySelector("legend")?.textContent.trim() ?? "",
      within: [...document.querySelectorAll("[id]")].filter((one) => one.contains(element)).map((one) => one.id),
      option: element.selectedOptions?.[0]?.textContent.trim() ?? "",
      outline: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
      inView: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
    };
  });
  return { ...seen, ...(await told(page)) };
}

/** Role and name of the focused element, as Chromium computes them for assistive technology. */
async function told(page) {
  page.accessible ??= await page.context().newCDPSession(page);
  const { result } = await page.accessible.send("Runtime.evaluate", { expression: "document.activeElement" });
  const { nodes } = await page.accessible.send("Accessibility.getPartialAXTree", { objectId: result.objectId, fetchRelatives: false });
  const [node] = nodes;
  return { role: node?.role?.value ?? "", called: (node?.name?.value ?? "").trim() };
}

/** Goes on with Tab until what has the focus fits; every stop on the way must show it. Says how many steps that took. */
export async function tabTo(page, fits, most = MOST, key = "Tab") {
  const stops = [];
  for (let steps = 1; steps <= most; steps += 1) {
    await page.keyboard.press(key);
    const seen = await focused(page);
    if (seen.tag === "BODY") continue;
    assert.ok(seen.outline && seen.inView, `the focus is seen on ${JSON.stringify(seen)} of ${page.url()}`);
    stops.push(`${seen.role} ${seen.called}`);
    if (fits(seen)) return steps;
  }
  throw new Error(`not reached with ${key} on ${page.url()}: ${fits}\n${stops.join("\n")}`);
}

/** Tabs to the control of this name (words, or a pattern); a role where several share a name. */
export async function reach(page, called, { role, most = MOST, key = "Tab" } = {}) {
  const fits = typeof called === "string" ? (name) => name === called : (name) => called.test(name);
  const isIt = (seen) => fits(seen.called) && (!role || seen.role === role);
  try {
    return await tabTo(page, isIt, most, key);
  } catch (error) {
    throw new Error(`${key} does not reach ${role ?? "a control"} “${called}”\n${error.message}`);
  }
}

/** Reaches a button or a link, presses Enter and waits for the page that comes of it. */
export async function press(page, called, options) {
  await reach(page, called, options);
  await enter(page);
}

/** Enter where the focus is, when a page comes of it. */
export async function enter(page) {
  const came = page.waitForEvent("domcontentloaded", { timeout: 20_000 });
  await page.keyboard.press("Enter");
  await came;
  // A page takes up where it begins, or the field that has the focus at first, when it is drawn.
  await page.waitForLoadState("load");
  // Without scripts no frame is told of: then a moment has to do.
  const drawn = page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))).catch(() => {});
  await Promise.race([drawn, new Promise((done) => setTimeout(done, 300))]);
}

/** With the arrow keys to an option of the radio group or list that has the focus. */
export async function choose(page, wanted) {
  const is = (seen) => (typeof wanted === "string" ? seen === wanted : wanted.test(seen));
  const first = await focused(page);
  const said = (seen) => (first.tag === "SELECT" ? seen.option : seen.called);
  if (first.tag !== "SELECT" && is(first.called)) await page.keyboard.press("Space");
  const all = [];
  for (let steps = 0; steps < 400; steps += 1) {
    const seen = await focused(page);
    if (is(said(seen))) return;
    all.push(said(seen));
    await page.keyboard.press("ArrowDown");
  }
  throw new Error(`no option ${wanted} by arrow keys in “${first.group || first.called}”: ${[...new Set(all)].join("、")}`);
}

/** Types a day or a month into its parts, which come in the order of the browser's own language. */
export async function typeDay(page, value) {
  const [year, ...rest] = value.split("-");
  for (const parts of [[...rest, year], [year, ...rest]]) {
    for (const part of parts) {
      await page.keyboard.type(part);
      // A year may have six digits, and the month of a month alone may be a word: they do not end by themselves.
      if (part === year || rest.length === 1) await page.keyboard.press("ArrowRight");
    }
    if ((await focused(page)).value === value) return;
    // Back to the first part, each emptied on the way.
    for (const _ of parts) {
      await page.keyboard.press("Backspace");
      await page.keyboard.press("ArrowLeft");
    }
  }
  // A month that is written as a word is not typed but gone to with the arrow keys.
  await page.keyboard.press("ArrowRight");
  await page.keyboard.type(year);
  await page.keyboard.press("ArrowLeft");
  for (let month = 0; month < 12 && (await focused(page)).value !== value; month += 1) await page.keyboard.press("ArrowUp");
  assert.equal((await focused(page)).value, value, "the day as it was typed");
}

/** Opens the chooser of the file field that has the focus, and chooses. */
export async function attach(page, file) {
  // Listened for once and for all: where the browser only now learns that somebody does, Enter is quicker.
  if (!page.listenerCount("filechooser")) page.on("filechooser", () => {});
  await focused(page);
  const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.keyboard.press("Enter")]);
  await chooser.setFiles(file);
}

/** The skip link comes first on a page and leads past the menu. */
export async function skip(page) {
  assert.equal(await reach(page, "跳到正文", { most: 1 }), 1);
  await page.keyboard.press("Enter");
  assert.equal((await focused(page)).id, "main");
}
