// What is typed into a form marked data-keep stays in this tab until the office has it: networks fail in villages. Never
// longer than the tab, and not for the next person: windows are shared.
(function () {
  "use strict";

  var KEPT = "kept:";
  var OWNER = "kept-by";

  function storage() {
    try { return window.sessionStorage; } catch (error) { return null; }
  }

  function read(id) {
    try { return JSON.parse(storage().getItem(KEPT + id)) || null; } catch (error) { return null; }
  }

  function write(id, entry) {
    try { storage().setItem(KEPT + id, JSON.stringify(entry)); } catch (error) { /* Full or forbidden: as without it. */ }
  }

  function forget(id) {
    var box = storage();
    if (!box) { return; }
    Object.keys(box).forEach(function (key) {
      if (id === undefined ? key === OWNER || key.indexOf(KEPT) === 0 : key === KEPT + id) { box.removeItem(key); }
    });
  }

  function fields(form) {
    return Array.prototype.filter.call(form.elements, function (field) {
      return field.name && !/^(file|password|hidden|submit|button|fieldset)$/.test(field.type || "fieldset");
    });
  }

  function chosen(field) { return field.type === "radio" || field.type === "checkbox" ? field.checked : true; }

  // What differs from the page as the office sent it.
  function typed(form) {
    var found = {};
    fields(form).forEach(function (field) {
      var options = field.options && Array.prototype.slice.call(field.options);
      var before = options ? (options.filter(function (option) { return option.defaultSelected; })[0] || options[0] || {}).value : field.defaultValue;
      var isNew = field.type === "radio" || field.type === "checkbox" ? field.checked !== field.defaultChecked : field.value !== before;
      if (isNew && chosen(field)) { found[field.name] = field.value; }
    });
    return found;
  }

  function tell(form, text) {
    var note = form.querySelector("[data-kept]");
    if (!text) { if (note) { note.remove(); } return; }
    if (!note) {
      note = document.createElement("p");
      note.className = "note amber";
      note.setAttribute("role", "status");
      note.setAttribute("data-kept", "");
      form.insertBefore(note, form.firstChild);
    }
    note.textContent = text;
  }

  var UNSENT = "没有存上：网络或者服务断了。填的都留在这一页里，接上以后按“存下，看结果”。";

  function keep(form) {
    // What comes after the form was sent by hand, such as an autosave that ends late, says nothing of it any more.
    if (form.isSent) { return; }
    var id = form.getAttribute("data-keep");
    write(id, { typed: typed(form), saved: (read(id) || {}).saved || {} });
  }

  function restore(form, entry) {
    var back = 0;
    var gone = [];
    Object.keys(entry.typed || {}).forEach(function (name) {
      var value = entry.typed[name];
      if ((entry.saved || {})[name] === value) { return; }
      var same = fields(form).filter(function (field) { return field.name === name; });
      if (!same.length) { gone.push(value); return; }
      same.forEach(function (field) {
        if (field.type === "radio" || field.type === "checkbox") {
          if (field.value === value && !field.checked) { field.checked = true; back += 1; }
        } else if (field.value !== value) { field.value = value; back += 1; }
      });
    });
    if (!back && !gone.length) { forget(form.getAttribute("data-keep")); return; }
    var lost = gone.length ? "另外填过的“" + gone.join("”“") + "”，现在的页面上没有这一项了。" : "";
    tell(form, "上次没有存上的，放回来了 " + back + " 项。" + lost + "请看一遍，按“存下，看结果”。");
    keep(form);
  }

  // A form that was sent has arrived where the next page came straight from it.
  function arrived(id) {
    var way = performance.getEntriesByType("navigation")[0];
    return way && way.type === "navigate" && document.referrer.split(/[?#]/)[0] === location.origin + "/cases/drafts/" + id;
  }

  (function () {
    var box = storage();
    if (!box) { return; }
    var who = document.querySelector("[data-who]");
    if (who) {
      if (box.getItem(OWNER) !== null && box.getItem(OWNER) !== who.textContent) { forget(); }
      box.setItem(OWNER, who.textContent);
    }
    Object.keys(box).filter(function (key) { return key.indexOf(KEPT) === 0; }).forEach(function (key) {
      var id = key.slice(KEPT.length);
      if ((read(id) || {}).sent && arrived(id)) { forget(id); }
    });
    var form = document.querySelector("form[data-keep]");
    if (!form) { return; }
    var entry = read(form.getAttribute("data-keep"));
    if (entry) { restore(form, entry); }
    ["input", "change"].forEach(function (kind) { form.addEventListener(kind, function () { keep(form); }); });
  })();

  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.getAttribute("action") === "/sign-out") { forget(); return; }
    if (!form.hasAttribute("data-keep")) { return; }
    if (navigator.onLine === false) { event.preventDefault(); tell(form, UNSENT); return; }
    var entry = { typed: typed(form), saved: (read(form.getAttribute("data-keep")) || {}).saved || {}, sent: true };
    write(form.getAttribute("data-keep"), entry);
    form.isSent = true;
  });

  // Back to the page as it was left: it goes on.
  window.addEventListener("pageshow", function (event) {
    var form = document.querySelector("form[data-keep]");
    if (event.persisted && form) { form.isSent = false; keep(form); }
  });

  document.addEventListener("htmx:beforeRequest", function (event) {
    var form = event.target.closest && event.target.closest("form[data-keep]");
    if (form) { form.sending = typed(form); }
  });

  document.addEventListener("htmx:afterRequest", function (event) {
    var form = event.target.closest && event.target.closest("form[data-keep]");
    if (!form || form.isSent) { return; }
    var asked = event.detail.xhr;
    // Signed out meanwhile, it leads to another page, which has kept nothing.
    var isHere = asked && asked.responseURL && asked.responseURL.indexOf("/cases/drafts/") > 0;
    if (!isHere || asked.status >= 500) { keep(form); tell(form, UNSENT); return; }
    if (asked.status >= 400) { return; }
    var saved = form.sending || {};
    // Somebody who has not been added is not kept by the office.
    delete saved.member;
    write(form.getAttribute("data-keep"), { typed: typed(form), saved: saved });
    tell(form, "");
  });
})();
