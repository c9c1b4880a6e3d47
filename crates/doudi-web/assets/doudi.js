// What pages gain where scripts run: keys, and telling people what a swap has changed. Nothing depends on it.
(function () {
  "use strict";

  function typing(element) {
    return element && (/^(INPUT|SELECT|TEXTAREA)$/.test(element.tagName) || element.isContentEditable);
  }

  function rows() {
    return Array.prototype.slice.call(document.querySelectorAll("table[data-rows] tbody tr"));
  }

  function current(list) {
    for (var i = 0; i < list.length; i += 1) {
      if (list[i].classList.contains("here")) { return i; }
    }
    return -1;
  }

  function choose(list, index) {
    if (!list.length) { return; }
    var at = Math.max(0, Math.min(list.length - 1, index));
    list.forEach(function (row, i) { row.classList.toggle("here", i === at); });
    var link = list[at].querySelector("a");
    if (link) { link.focus(); } else { list[at].scrollIntoView({ block: "nearest" }); }
  }

  function tick(list) {
    var at = current(list);
    var box = at >= 0 && list[at].querySelector("input[type=checkbox]");
    if (box) { box.checked = !box.checked; box.dispatchEvent(new Event("change", { bubbles: true })); }
  }

  var waiting = null;
  var places = { b: "/", l: "/leads", c: "/cases", p: "/people", i: "/imports", z: "/groups", f: "/policies" };

  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.altKey || event.metaKey || typing(event.target)) { return; }
    var list = rows();
    if (waiting === "g") {
      waiting = null;
      if (places[event.key]) { window.location.assign(places[event.key]); event.preventDefault(); }
      return;
    }
    switch (event.key) {
      case "/": {
        var search = document.querySelector("input[type=search]");
        if (search) { search.focus(); event.preventDefault(); }
        break;
      }
      case "j": choose(list, current(list) + 1); break;
      case "k": choose(list, current(list) - 1); break;
      case "x": tick(list); break;
      case "g": waiting = "g"; break;
      case "n": {
        var next = document.querySelector("a[rel=next]");
        if (next) { next.click(); }
        break;
      }
      case "?": {
        var help = document.getElementById("keys");
        if (help) { help.open = true; help.scrollIntoView(); help.querySelector("summary").focus(); }
        break;
      }
      default: return;
    }
  });

  document.addEventListener("click", function (event) {
    if (event.target.closest && event.target.closest("[data-print]")) { window.print(); }
    var all = event.target.closest && event.target.closest("[data-all]");
    if (all) {
      var boxes = document.querySelectorAll("input[name='" + all.getAttribute("data-all") + "']");
      Array.prototype.forEach.call(boxes, function (box) { box.checked = all.checked; });
    }
  });

  // What scrolls by itself is reached with Tab and scrolled with the arrow keys.
  function reachable() {
    Array.prototype.forEach.call(document.querySelectorAll(".scroll, .evidence-rows"), function (box) {
      if (box.scrollWidth > box.clientWidth) { box.setAttribute("tabindex", "0"); }
    });
  }
  window.addEventListener("resize", reachable);
  reachable();

  // Errors are listed at the head of a form; the list takes focus so that nobody searches for what went wrong.
  var summary = document.getElementById("errors");
  if (summary) { summary.focus(); }

  document.addEventListener("htmx:afterSwap", function (event) {
    var told = event.detail.target && event.detail.target.querySelector("[data-told]");
    var status = document.getElementById("status");
    if (told && status) { status.textContent = told.getAttribute("data-told"); }
  });
})();
