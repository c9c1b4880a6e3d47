// An office to test: invented people, cleared and taken over by the program itself, then served by it. Nothing is shared
// between tests but what is copied.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";

export const DOUDI = process.env.DOUDI;
export const PASSWORD = "Chun-feng-2020-lv";
const PERSONS = 2000;
const COUNTY = "500243";
export const FIRST = { login: "anquan", name: "安全员" };

export const doudi = (...args) => execFileSync(DOUDI, args, { encoding: "utf8", maxBuffer: 1 << 26, stdio: ["ignore", "pipe", "pipe"] });

/** Rows of a leads.csv by column name. */
function leads(file) {
  const [head, ...rows] = readFileSync(file, "utf8").replace(/^\uFEFF/, "").trim().split(/\r?\n/);
  const names = head.split(",");
  // The columns that are used come before the first that may hold a comma.
  return rows.map((row) => Object.fromEntries(row.split(",").slice(0, 9).map((cell, at) => [names[at], cell])));
}

/** A county of two months, made once; OFFICE_FOLDER keeps it between runs. */
function county() {
  assert.ok(DOUDI, "set DOUDI to the binary");
  const folder = process.env.OFFICE_FOLDER || path.join(tmpdir(), `doudi-office-${process.pid}`);
  if (!existsSync(folder)) {
    const made = `${folder}.making-${process.pid}`;
    doudi("demo", "--persons", String(PERSONS), "--no-serve", "--out", made);
    const keys = path.join(made, "data", "doudi.keys");
    if (!existsSync(keys)) doudi("key", "create", keys);
    mkdirSync(path.dirname(folder), { recursive: true });
    renameSync(made, folder);
  }
  if (!process.env.OFFICE_FOLDER) process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A village with a lead whose cause is gone a month later, and the next village of its township with leads too. */
function stage(folder) {
  const [april, may] = ["2020-04", "2020-05"].map((month) => leads(path.join(folder, "out", month, "leads.csv")));
  const still = new Set(may.map((lead) => lead.lead_id));
  const villages = (list) => [...new Set(list.map((lead) => lead.region_code))].filter((code) => code.length === 12);
  for (const lead of april.filter((lead) => lead.subject_kind === "人" && lead.region_code.length === 12 && !still.has(lead.lead_id))) {
    const own = april.filter((other) => other.region_code === lead.region_code);
    const next = villages(april).find((code) => code !== lead.region_code && code.slice(0, 9) === lead.region_code.slice(0, 9));
    if (own.length < 2 || !next) continue;
    const other = own.find((other) => other.lead_id !== lead.lead_id);
    const elsewhere = april.find((other) => other.region_code === next);
    return { village: lead.region_code, township: lead.region_code.slice(0, 9), next, ending: lead, other, elsewhere };
  }
  throw new Error("the demo has no village with a lead that ends");
}

/** A small client that keeps its cookies, for what a test does not look at. */
export class Client {
  constructor(base) {
    this.base = base;
    this.cookies = new Map();
  }

  send(method, where, form) {
    const body = form === undefined ? undefined : new URLSearchParams(form).toString();
    const headers = { origin: this.base, cookie: [...this.cookies].map((pair) => pair.join("=")).join("; ") };
    if (body !== undefined) headers["content-type"] = "application/x-www-form-urlencoded";
    return new Promise((done, failed) => {
      const request = http.request(this.base + where, { method, headers, agent: false }, (response) => {
        for (const cookie of response.headers["set-cookie"] ?? []) this.cookies.set(...cookie.split(";")[0].split("=", 2));
        const parts = [];
        response.on("data", (part) => parts.push(part));
        response.on("error", failed);
        response.on("end", () => done({ status: response.statusCode, headers: response.headers, text: Buffer.concat(parts).toString("utf8") }));
      });
      request.on("error", failed);
      request.end(body);
    });
  }

  get(where) {
    return this.send("GET", where);
  }

  post(where, form) {
    return this.send("POST", where, form);
  }

  async signIn(login, password) {
    const reply = await this.post("/sign-in", { login, password });
    assert.equal(reply.status, 303, `${login}: ${reply.status}`);
  }
}

export const people = (at) => [
  { login: "cun", name: "村里经办", role: "village-worker", region: at.village },
  { login: "lincun", name: "邻村经办", role: "village-worker", region: at.next },
  { login: "xiang", name: "乡镇负责人", role: "township-head", region: at.township },
  { login: "chuangkou", name: "窗口经办", role: "window-clerk", region: at.township },
  { login: "shenhe", name: "县级审核", role: "county-reviewer", region: COUNTY },
  { login: "shenpi", name: "县级审批", role: "county-approver", region: COUNTY },
  { login: "fafang", name: "发放经办", role: "payment-officer", region: COUNTY },
  { login: "dudao", name: "督导员", role: "supervisor", region: COUNTY },
  { login: "zhengce", name: "政策管理", role: "policy-officer", region: COUNTY },
  { login: "shenji", name: "审计员", role: "auditor", region: COUNTY },
  { login: "xitong", name: "系统管理", role: "system-administrator", region: "000000" },
  { login: "shuju", name: "数据专员", role: "data-officer", region: COUNTY },
  { login: "qunzhong", name: "群众", role: "citizen", region: at.village },
];

/**
 * Starts the program on a copy of the county. `months` are taken over before, `staffed` makes an account for every role.
 */
export async function startOffice({ months = ["2020-04"], staffed = true, practice } = {}) {
  const from = county();
  const folder = mkdtempSync(path.join(tmpdir(), "doudi-served-"));
  cpSync(from, folder, { recursive: true });
  const data = path.join(folder, "data");
  const take = (month) => doudi("store", "import", path.join(folder, "out", month, "certificate.json"), "--data", data);
  months.forEach(take);
  const office = { at: stage(folder), folder, data, take, log: [], ...(await serve(data, practice)) };
  /** The same office on another day; whoever was signed in signs in again. */
  office.goOn = async (day) => {
    const { port } = new URL(office.base);
    await office.end();
    Object.assign(office, await serve(data, day, port));
  };
  office.stop = async () => {
    await office.end();
    rmSync(folder, { recursive: true, force: true });
    const errors = office.lines().filter((line) => line.includes('"ERROR"') || line.includes("panicked"));
    assert.deepEqual(errors, [], "the server reported an error");
  };
  if (staffed) await staff(office);
  return office;
}

/** The process, its address and its set-up code. */
function serve(data, practice, port = 0) {
  const calendar = practice ? ["--practice-from", practice] : [];
  const child = spawn(DOUDI, ["serve", "--data", data, "--listen", `127.0.0.1:${port}`, ...calendar], { stdio: ["ignore", "ignore", "pipe"] });
  let told = "";
  const ended = new Promise((done) => child.on("exit", done));
  return new Promise((done, failed) => {
    child.stderr.on("data", (part) => {
      told += part;
      const base = told.match(/办公网页：(http:\S+?)\/ /)?.[1];
      const code = told.match(/设置码 (\S+)/)?.[1];
      if (base && (code || told.includes("Ctrl+C"))) {
        const end = async () => {
          child.kill("SIGTERM");
          await ended;
        };
        // The code is printed right after the address.
        setTimeout(() => done({ base, code: told.match(/设置码 (\S+)/)?.[1], end, lines: () => told.split("\n") }), 100);
      }
    });
    ended.then((status) => failed(new Error(`doudi serve ended (${status}): ${told}`)));
  });
}

/** The first account and one for every role, each with its password changed. */
async function staff(office) {
  const first = new Client(office.base);
  const made = await first.post("/set-up", { code: office.code, ...FIRST, password: PASSWORD, again: PASSWORD });
  assert.equal(made.status, 303, made.text);
  await first.signIn(FIRST.login, PASSWORD);
  for (const { login, name, role, region } of people(office.at)) {
    const page = await first.post("/users/new", { login, name, role, region, action: "grants" });
    const once = page.text.match(/一次性密码：<strong>([^<]+)</)?.[1];
    assert.ok(once, `${login}: ${page.status}`);
    const own = new Client(office.base);
    await own.signIn(login, once);
    const changed = await own.post("/account", { old: once, new: PASSWORD, again: PASSWORD });
    assert.equal(changed.status, 303, `${login}: ${changed.status}`);
  }
}

/** A browser page that is watched: every host asked, every console error, every answer's size and headers. */
export async function watched(browser, office, options = {}) {
  const context = await browser.newContext({ baseURL: office.base, locale: "zh-CN", timezoneId: "Asia/Shanghai", viewport: { width: 1366, height: 900 }, ...options });
  const page = await context.newPage();
  const broken = [];
  const home = new URL(office.base).host;
  context.on("request", (request) => {
    const { protocol, host } = new URL(request.url());
    if (!["data:", "about:"].includes(protocol) && host !== home) broken.push(`asked ${request.url()}`);
  });
  page.on("websocket", (socket) => broken.push(`asked ${socket.url()}`));
  page.on("pageerror", (error) => broken.push(error.message));
  // Chromium tells every answer with an error status as an error of its console; those are the tests' to expect.
  page.on("console", (line) => line.type() === "error" && !/the server responded with a status of (404|403|409|422)/.test(line.text()) && broken.push(line.text()));
  return {
    page,
    context,
    async signIn(login, password = PASSWORD) {
      await page.goto("/sign-in");
      await page.getByLabel("用户名").fill(login);
      await page.getByLabel("密码").fill(password);
      await page.getByRole("button", { name: "登录" }).click();
    },
    async close() {
      await context.close();
      assert.deepEqual(broken, [], "a page asked another server, or a script broke");
    },
  };
}
