"use strict";
// Everything works without this file; it only makes things quicker to use.
(function () {
  // A form is sent once: the button says so and the server is the guard.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (!form.hasAttribute("data-once")) return;
    if (form.dataset.sent === "yes") {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    var button = event.submitter;
    if (button && button.dataset.waiting) {
      button.dataset.words = button.textContent;
      button.textContent = button.dataset.waiting;
      button.setAttribute("aria-disabled", "true");
    }
  });
  function usable(form) {
    delete form.dataset.sent;
    form.querySelectorAll("[data-words]").forEach(function (button) {
      button.textContent = button.dataset.words;
      button.removeAttribute("aria-disabled");
      delete button.dataset.words;
    });
  }
  // A form that a file answers stays where it is: the page says that the file came, and the form can be used again.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (!form.hasAttribute("data-download") || event.defaultPrevented) return;
    event.preventDefault();
    var data = new FormData(form, event.submitter);
    var isParted = form.enctype === "multipart/form-data";
    fetch(form.action, { method: "POST", body: isParted ? data : new URLSearchParams(data) }).then(function (answer) {
      var name = /^attachment;.*filename\*=UTF-8''([^;]+)/i.exec(answer.headers.get("Content-Disposition") || "");
      if (!name) return answer.text().then(function (page) { document.open(); document.write(page); document.close(); });
      return answer.blob().then(function (file) { keep(form, file, decodeURIComponent(name[1])); });
    }).catch(function () { form.submit(); });
  });
  function keep(form, file, name) {
    var link = document.createElement("a");
    link.href = URL.createObjectURL(file);
    link.download = name;
    link.click();
    setTimeout(function () { URL.revokeObjectURL(link.href); }, 60000);
    usable(form);
    form.querySelectorAll(".downloaded").forEach(function (old) { old.remove(); });
    var words = document.createElement("p");
    words.className = "downloaded";
    words.setAttribute("role", "status");
    form.append(words);
    words.textContent = form.dataset.download.replace("{name}", name);
    // What stood wrong before does not any more.
    document.querySelectorAll(".error-summary").forEach(function (old) { old.remove(); });
    if (form.hasAttribute("data-renew")) setTimeout(function () { location.reload(); }, 1500);
  }
  // What counts for a while only says how long, and does not stand there as if it still did.
  document.querySelectorAll("[data-expires]").forEach(function (one) {
    var end = Date.now() + 1000 * one.dataset.expires;
    var words = one.querySelector("[data-left]");
    var seen = one.querySelector("[data-seconds]");
    function tick() {
      var left = Math.ceil((end - Date.now()) / 1000);
      var text = left > 0 ? words.dataset.left.replace("{seconds}", left) : words.dataset.over;
      seen.textContent = text;
      // Said every ten seconds, so that it can be listened to.
      if (left % 10 === 0 || !words.textContent) words.textContent = text;
      if (left > 0) return;
      words.textContent = text;
      one.querySelector("[data-live]").hidden = true;
      clearInterval(timer);
    }
    var timer = setInterval(tick, 1000);
    tick();
  });
  // A page that answered a form is remembered as a page to ask for, so that "back" and "reload" never want to send again.
  if (document.body.dataset.answeredOn) history.replaceState(null, "", document.body.dataset.answeredOn);
  // Coming back with the browser's button makes the form usable again.
  window.addEventListener("pageshow", function (event) {
    if (!event.persisted) return;
    document.querySelectorAll("form[data-sent]").forEach(usable);
  });
  // Enter while composing Chinese never sends a form.
  document.addEventListener("keydown", function (event) {
    if (event.key === "Enter" && (event.isComposing || event.keyCode === 229)) event.stopPropagation();
  }, true);
  document.addEventListener("click", function (event) {
    if (event.target.closest("[data-print]")) window.print();
    if (event.target.closest("[data-unfold]")) folds().forEach(function (one) { one.open = true; });
    var pick = event.target.closest("[data-pick]");
    if (pick) calendar(document.getElementById(pick.dataset.pick), pick);
    var copy = event.target.closest("[data-copy]");
    if (copy) {
      navigator.clipboard.writeText(document.getElementById(copy.dataset.copy).value).then(function () {
        copy.textContent = copy.dataset.copied;
      });
    }
  });
  // Long parts are folded on the screen; on paper all of them stand open.
  function folds() { return document.querySelectorAll("details.fold:not([open])"); }
  window.addEventListener("beforeprint", function () {
    folds().forEach(function (one) { one.open = true; one.dataset.folded = "yes"; });
  });
  window.addEventListener("afterprint", function () {
    document.querySelectorAll("details[data-folded]").forEach(function (one) { one.open = false; delete one.dataset.folded; });
  });
  // Dates are typed; with scripts the browser's own calendar helps.
  function calendar(box, button) {
    var days = button.parentNode.querySelector("input[type=date]");
    if (!days) {
      days = document.createElement("input");
      days.type = "date";
      days.className = "visually-hidden";
      days.tabIndex = -1;
      days.setAttribute("aria-hidden", "true");
      days.addEventListener("change", function () { box.value = days.value; box.focus(); });
      button.after(days);
    }
    if (/^\d{4}-\d{2}-\d{2}$/.test(box.value)) days.value = box.value;
    if (days.showPicker) days.showPicker();
  }
  function show() {
    document.querySelectorAll("[data-pick][hidden], [data-unfold][hidden]").forEach(function (one) { one.hidden = false; });
    // Browsers let a page copy only where it came by a safe way.
    if (navigator.clipboard) document.querySelectorAll("[data-copy][hidden]").forEach(function (one) { one.hidden = false; });
  }
  show();
  document.addEventListener("htmx:afterSettle", show);
  function firstBox(act) { return act.querySelector("form textarea, form select, form input:not([type=hidden])"); }
  // Keys of the workbench: never while Chinese is being composed, never instead of typing.
  if (document.body.classList.contains("desk")) {
    document.addEventListener("keydown", function (event) {
      if (event.isComposing || event.keyCode === 229) return;
      var box = event.target.closest("input, textarea, select");
      if (event.key === "Enter" && event.ctrlKey && box && box.form) {
        event.preventDefault();
        box.form.requestSubmit();
      }
      var open = event.target.closest("details[open]");
      if (event.key === "Escape" && open) {
        open.removeAttribute("open");
        open.querySelector("summary").focus();
      }
      // Alt and a letter everywhere, also where the browser wants Shift as well; a browser that did it already says so.
      var letter = /^Key([A-Z])$/.exec(event.code);
      if (letter && event.altKey && !event.ctrlKey && !event.metaKey && !event.defaultPrevented) {
        var mark = '[accesskey="' + letter[1].toLowerCase() + '"]';
        var standing = document.querySelector('main details[open] > summary[data-key="' + letter[1].toLowerCase() + '"]');
        var one = standing ? firstBox(standing.parentNode)
          : document.querySelector("main " + mark) || document.querySelector(mark);
        if (!one) return;
        event.preventDefault();
        if (standing || one.matches("input, select, textarea")) one.focus();
        else one.click();
        return;
      }
      if (box || event.ctrlKey || event.altKey || event.metaKey) return;
      var find = document.querySelector("main [accesskey=f]") || document.querySelector("[accesskey=f]");
      if (event.key === "/" && find) {
        event.preventDefault();
        find.focus();
      }
      var keys = document.getElementById("keys");
      if (event.key === "?" && keys) keys.toggleAttribute("open");
    });
    // A key that opens an act goes on to its first box.
    document.addEventListener("toggle", function (event) {
      if (!event.target.querySelector) return;
      var box = firstBox(event.target);
      if (!box) return;
      // An act that stands open gives its access key away: the browser would close it and hide what was typed.
      var summary = event.target.querySelector("summary");
      var key = summary.getAttribute("accesskey") || summary.dataset.key;
      if (key && event.target.open) {
        summary.dataset.key = key;
        summary.removeAttribute("accesskey");
      } else if (key) {
        summary.setAttribute("accesskey", key);
        delete summary.dataset.key;
      }
      if (event.target.open) box.focus();
    }, true);
  }
  var summary = document.getElementById("error-summary");
  if (summary) summary.focus();
})();
