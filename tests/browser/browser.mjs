// What tests in a browser share: a Chromium that reaches nobody, and pages that keep what they asked for and what broke.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** The Chromium of the system; CHROMIUM names another one. */
export async function openBrowser() {
  const executablePath = process.env.CHROMIUM || PLACES.find((path) => existsSync(path));
  assert.ok(executablePath, `no Chromium: install it (Debian: apt-get install chromium) or set CHROMIUM; tried ${PLACES.join(", ")}`);
  const quiet = ["--lang=zh-CN", "--disable-background-networking", "--disable-quic", "--no-first-run", "--disable-gpu"];
  // Root has no sandbox, and machines that test often run as root.
  const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return chromium.launch({ executablePath, args: [...quiet, ...sandbox] });
}

/** A page the size of a telephone without a network. `prepare` runs in it before its own scripts. */
export async function openPage(browser, url, prepare) {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, offline: true });
  const page = await context.newPage();
  const asked = [];
  const broken = [];
  context.on("request", (request) => asked.push(request.url().slice(0, 200)));
  page.on("websocket", (socket) => asked.push(socket.url()));
  page.on("pageerror", (error) => broken.push(error.message));
  page.on("console", (line) => line.type() === "error" && broken.push(line.text()));
  if (prepare) await page.addInitScript(prepare);
  await page.goto(url);
  return {
    page,
    /** Fails if anything but the page itself was asked for, or a script broke. */
    async close() {
      await context.close();
      assert.deepEqual(asked, [url], "the page asked for something");
      assert.deepEqual(broken, [], "a script broke");
    },
  };
}
