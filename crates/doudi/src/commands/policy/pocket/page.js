"use strict";
// The page of one household: it keeps the facts, asks the evaluator, and shows what comes back. It decides nothing.
(function () {
  const $ = (id) => document.getElementById(id);
  const work = $("work");
  const state = { facts: { household: {}, members: [] }, skipped: [], fields: [], trial: { household: {}, member: {} } };
  let call;

  async function unpacked(id) {
    const text = atob($(id).textContent.trim());
    const bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  }

  async function start() {
    const { instance } = await WebAssembly.instantiate(await unpacked("engine"), {});
    const engine = instance.exports;
    const raw = (bytes) => {
      // Asked for first: making room may move the memory.
      const room = engine.doudi_room(bytes.length);
      new Uint8Array(engine.memory.buffer, room, bytes.length).set(bytes);
      const length = engine.doudi_answer();
      const reply = engine.doudi_reply();
      return JSON.parse(new TextDecoder().decode(new Uint8Array(engine.memory.buffer, reply, length)));
    };
    const bundle = await unpacked("bundle");
    const opened = raw(bundle);
    if (opened.error) throw new Error(opened.error);
    call = (op, more) => {
      const request = { op, region: work.dataset.region, date: $("day").value, facts: state.facts, ...more };
      return raw(new TextEncoder().encode(JSON.stringify(request)));
    };
    const now = new Date();
    const two = (number) => String(number).padStart(2, "0");
    $("day").value = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
    state.trial = JSON.parse(new TextDecoder().decode(bundle)).trial;
    Object.assign(state.facts.household, state.trial.household);
    addMember("户主");
    readForm();
    $("starting").hidden = true;
    work.hidden = false;
    show();
  }

  function readForm() {
    const form = call("form", { facts: undefined });
    if (form.error) return;
    state.fields = form.fields;
  }

  // ---- the facts -------------------------------------------------------------------------------------------------

  // A list of records is an array when it is complete, {"已知": […]} while there may be more.
  const items = (list) => (Array.isArray(list) ? list : (list && list.已知) || []);

  function owner(at) {
    return at.slice(0, -1).reduce((place, step) => (typeof step === "number" ? items(place)[step] : place[step]), state.facts);
  }

  function addMember(name) {
    state.facts.members.push({ ...(name ? { 姓名: name } : {}), ...state.trial.member });
  }

  function setFact(at, value) {
    const place = owner(at);
    const name = at[at.length - 1];
    if (value === undefined) delete place[name];
    else place[name] = value;
  }

  function answerList(at, more) {
    const place = owner(at);
    const name = at[at.length - 1];
    const listed = items(place[name]);
    place[name] = more ? { 已知: [...listed, {}] } : listed;
  }

  /** Every fact given so far, with its path. */
  function* given(place = state.facts.household, at = ["household"], whose = "") {
    for (const [name, value] of Object.entries(place)) {
      if (name === "姓名") continue;
      const path = [...at, name];
      if (Array.isArray(value) || (value && typeof value === "object" && value.已知)) {
        const listed = items(value);
        yield { at: path, label: whose + name, value: `${listed.length} 项${Array.isArray(value) ? "，就这些" : "，可能还有"}` };
        for (let index = 0; index < listed.length; index++) yield* given(listed[index], [...path, index], `${whose}${name}${index + 1} · `);
      } else yield { at: path, label: whose + name, value };
    }
    if (at.length === 1) for (let index = 0; index < state.facts.members.length; index++) yield* given(state.facts.members[index], ["members", index], memberName(index) + " · ");
  }

  const memberName = (index) => state.facts.members[index].姓名 || `第${index + 1}位成员`;

  // ---- small pieces of the page ----------------------------------------------------------------------------------

  function make(tag, text, more = {}) {
    const node = Object.assign(document.createElement(tag), more);
    if (text !== undefined) node.textContent = text;
    return node;
  }

  function button(text, press, look = "") {
    const node = make("button", text, { type: "button", className: look });
    node.addEventListener("click", press);
    return node;
  }

  // A policy's own types and how a hand writes them.
  const HINTS = { money: "元，如 440 或 1200.5", count: "整数", number: "如 2.5", month: "如 2026-04", moment: "如 2026-10-05T09:30" };

  function written(type, text) {
    const value = text.trim().replace(/[０-９．]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) - 0xfee0));
    return type === "money" && /^-?[0-9.]+$/.test(value) ? value + "元" : value;
  }

  /** A field for a fact: buttons where there are options, else one line. `done` gets the value as the policies write it. */
  function entry(type, options, done) {
    const box = make("div");
    if (options.length && (type === "yes_no" || type === "option")) {
      const row = make("div", undefined, { className: "answers" });
      options.forEach((option) => row.append(button(option, () => done(option))));
      box.append(row);
      return box;
    }
    const form = make("form", undefined, { className: "line" });
    const input = make("input", undefined, { type: type === "date" ? "date" : "text", required: true });
    if (type === "money" || type === "count" || type === "number") input.inputMode = "decimal";
    input.placeholder = HINTS[type] || "";
    input.setAttribute("aria-label", HINTS[type] || "回答");
    form.append(input, make("button", "填好了"));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      done(written(type, input.value));
    });
    box.append(form);
    return box;
  }

  /** Puts a value in; what the policies cannot read is told beside the field and taken out again. */
  function accept(at, value, box) {
    const before = owner(at)[at[at.length - 1]];
    setFact(at, value);
    const tried = call("assess");
    if (!tried.error) return show();
    setFact(at, before);
    box.querySelectorAll(".wrong").forEach((node) => node.remove());
    box.append(make("p", tried.error, { className: "wrong", role: "alert" }));
  }

  // ---- what is shown ---------------------------------------------------------------------------------------------

  function show() {
    showMembers();
    showResults();
    showQuestion();
    showKnown();
    showFound();
  }

  function showMembers() {
    $("members").replaceChildren(...state.facts.members.map((member, index) => {
      const row = make("li", memberName(index));
      if (state.facts.members.length > 1)
        row.append(button("去掉", () => { state.facts.members.splice(index, 1); state.skipped = []; show(); }, "plain small"));
      return row;
    }));
  }

  function showQuestion() {
    const asked = call("ask", { skipped: state.skipped });
    const place = $("question");
    if (asked.error) return place.replaceChildren(make("p", asked.error, { className: "wrong" }));
    const next = asked.next;
    if (!next) {
      const rest = asked.open ? "能问的都问过了；还没有定的，要去查文件或者核实。" : "都定了，不用再问。";
      const documents = make("ul");
      asked.documents.forEach((text) => documents.append(make("li", text)));
      return place.replaceChildren(make("p", rest), documents);
    }
    const box = make("div");
    const field = state.fields.find((found) => next.at[next.at.length - 1] === found.name);
    const list = next.type === "list";
    const done = list ? (text) => { answerList(next.at, text === "有"); show(); } : (text) => accept(next.at, text, box);
    const options = list ? ["有", "没有"] : (field && field.options) || [];
    box.append(make("p", (next.whose ? next.whose + "：" : "") + next.question, { className: "about" }));
    box.append(entry(list ? "option" : next.type, options, done));
    box.append(button("不知道，先问别的", () => { state.skipped.push(JSON.stringify(next.at)); show(); }, "plain small"));
    if (next.sources) box.append(make("p", "哪里可以查到：" + next.sources, { className: "soft" }));
    box.append(make("p", `等着它的：${next.waiting.join("、")}`, { className: "soft" }));
    box.append(make("p", `哪一条要问：“${next.asked_by}”，依 ${next.articles.join("；")}`, { className: "soft" }));
    place.replaceChildren(box);
  }

  function showResults() {
    const all = call("assess");
    if (all.error) return $("results").replaceChildren(make("p", all.error, { className: "wrong" }));
    const order = { yes: 0, open: 1, no: 2 };
    const kind = (found) => (found.entitled === true ? "yes" : found.entitled === false ? "no" : "open");
    const sorted = [...all.results].sort((a, b) => order[kind(a)] - order[kind(b)]);
    const count = (name) => sorted.filter((found) => kind(found) === name).length;
    $("sum").textContent = `符合 ${count("yes")} 项，还不能定 ${count("open")} 项，不符合 ${count("no")} 项。`;
    $("results").replaceChildren(...sorted.map((found) => result(found, kind(found))));
  }

  function result(found, kind) {
    const box = make("div", undefined, { className: `result ${kind}` });
    const head = make("h3", found.called);
    const open = found.amount && found.amount.startsWith("不详");
    const amount = !found.amount ? "" : open ? `，每月多少还不能定${found.amount.slice(2)}` : `，每月 ${found.amount}`;
    const words = { yes: `符合${amount}`, no: "不符合", open: "还不能定" };
    head.append(make("span", words[kind], { className: "state" }));
    box.append(head);
    found.reasons.forEach((reason) => box.append(make("p", reason, { className: "soft" })));
    if (kind === "open") box.append(make("p", `还缺 ${found.missing.length} 项`, { className: "soft" }));
    const why = make("details");
    why.append(make("summary", "为什么"));
    why.addEventListener("toggle", () => {
      if (!why.open || why.children.length > 1) return;
      const inside = make("div");
      const rules = kind === "yes" ? [found.rule, found.amount_rule] : [found.rule];
      // The evaluator writes these boxes and has escaped every text in them.
      inside.innerHTML = rules.map((rule) => {
        const told = call("explain", { rule, row: found.row, html: true });
        return told.html || call("explain", { rule, row: 0, html: true }).html || "";
      }).join("");
      why.append(inside);
    });
    box.append(why);
    return box;
  }

  function showKnown() {
    const list = make("ul");
    for (const fact of given()) {
      const name = fact.at[fact.at.length - 1];
      const assumed = (fact.at.length === 3 ? state.trial.member : state.trial.household)[name] === fact.value;
      const row = make("li", `${fact.label}：${fact.value}${assumed ? "（先当作这样）" : ""}`);
      row.append(button("改", () => { setFact(fact.at, undefined); state.skipped = []; show(); }, "plain small"));
      list.append(row);
    }
    $("known").replaceChildren(list.children.length ? list : make("p", "还没有。", { className: "soft" }));
  }

  // ---- looking for a fact by oneself -----------------------------------------------------------------------------

  function showFound() {
    const words = $("search").value.trim();
    const hits = words ? state.fields.filter((field) => (field.name + (field.question || "")).includes(words)) : [];
    const places = (field) => {
      if (field.entity === "户") return [{ at: ["household", field.name], whose: "" }];
      if (field.entity === "人") return state.facts.members.map((_, index) => ({ at: ["members", index, field.name], whose: memberName(index) + "：" }));
      return [];
    };
    $("found").replaceChildren(...hits.slice(0, 20).flatMap((field) => places(field).map((place) => {
      const box = make("div", undefined, { className: "result" });
      box.append(make("p", place.whose + field.name + (field.question ? `（${field.question}）` : ""), { className: "about" }));
      box.append(entry(field.type, field.options, (value) => accept(place.at, value, box)));
      return box;
    })));
  }

  $("search").addEventListener("input", showFound);
  $("day").addEventListener("change", () => { if ($("day").value) { readForm(); show(); } });
  $("add").addEventListener("submit", (event) => {
    event.preventDefault();
    addMember($("name").value.trim());
    $("name").value = "";
    show();
  });

  start().catch((error) => {
    $("starting").textContent = "打不开：" + error.message + "。请换新一些的浏览器（Chrome 87 以上），或者到乡镇窗口办理。";
  });
})();
