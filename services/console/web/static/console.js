// What every page does by itself: counts down, listens, tells, and answers the keyboard.
"use strict";
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  // Countdowns: what is left, or how late it is.
  const words = (seconds) => {
    const s = Math.abs(Math.trunc(seconds)), d = Math.floor(s / 86400), h = Math.floor(s / 3600) % 24, m = Math.floor(s / 60) % 60;
    if (d) return `${d}天${h}小时`;
    if (h) return `${h}小时${m}分`;
    return `${m}:${String(s % 60).padStart(2, "0")}`;
  };
  const tick = () => {
    for (const one of all("time.left[data-due]")) {
      const left = (Date.parse(one.dataset.due) - Date.now()) / 1000;
      one.textContent = left >= 0 ? `剩 ${words(left)}` : `超 ${words(left)}`;
      one.classList.toggle("late", left < 0);
      one.classList.toggle("soon", left >= 0 && left < 600);
    }
  };
  tick();
  setInterval(tick, 1000);

  // Sentences that come and go.
  const tell = (text, colour = "success") => {
    const toast = document.createElement("div");
    toast.className = `alert alert-${colour} mb-0 shadow`;
    toast.textContent = text;
    document.getElementById("toasts").append(toast);
    setTimeout(() => toast.remove(), colour === "danger" ? 12000 : 5000);
  };
  const notice = document.cookie.split("; ").find((one) => one.startsWith("yibao_notice="));
  if (notice) {
    tell(decodeURIComponent(notice.slice(13).replace(/^"|"$/g, "")));
    document.cookie = "yibao_notice=; Max-Age=0; path=/; SameSite=Lax";
  }
  document.addEventListener("htmx:responseError", (event) => {
    const { status, responseText } = event.detail.xhr;
    tell(status < 500 || responseText.length < 200 ? responseText || `出错了 (${status})` : "出错了: 请稍后再试", "danger");
  });
  // What nobody did (a clock, news from the desk) keeps no session alive.
  document.addEventListener("htmx:configRequest", (event) => {
    if (!event.detail.triggeringEvent?.isTrusted) event.detail.headers["X-By-Itself"] = "1";
  });
  document.addEventListener("htmx:sendError", () => tell("网络不通: 填写的内容还在, 请稍后再试", "danger"));

  // Live: what happened is an event on the body; parts of pages that care fetch themselves again.
  const where = document.body.dataset.live;
  if (where && window.EventSource) {
    const online = document.getElementById("online");
    const source = new EventSource(where);
    const show = (on) => {
      online.className = `badge bg-${on ? "green" : "orange"}-lt`;
      online.lastElementChild.textContent = on ? "实时" : "正在重连";
    };
    source.onopen = () => show(true);
    source.onerror = () => show(false);
    source.addEventListener("hint", (event) => {
      const hint = JSON.parse(event.data);
      document.body.dispatchEvent(new CustomEvent(`live:${hint.kind}`, { detail: hint }));
      if (hint.id && hint.kind !== "presence") document.body.dispatchEvent(new CustomEvent(`live:${hint.id}`, { detail: hint }));
    });
    source.addEventListener("unread", (event) => {
      const badge = document.getElementById("unread");
      if (!badge) return;
      badge.textContent = event.data;
      badge.hidden = event.data === "0";
    });
  }

  // The menu of small screens, and whatever else folds.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-toggle]");
    if (!button) return;
    const shown = document.querySelector(button.dataset.toggle).classList.toggle("show");
    button.setAttribute("aria-expanded", String(shown));
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
    const question = event.target.closest("[data-ask]");
    if (question && !window.confirm(question.dataset.ask)) event.preventDefault();
    const box = event.target.closest("[data-check-all]");
    if (box) all(box.dataset.checkAll).forEach((one) => { one.checked = box.checked; });
  });

  // Lists by keyboard: j and k move, x marks, Enter opens, / searches, ? tells.
  const typing = (target) => target.matches("input, textarea, select, [contenteditable]");
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    const rows = all("[data-row]");
    const now = rows.findIndex((row) => row.classList.contains("here"));
    const go = (to) => {
      if (!rows[to]) return;
      rows.forEach((row) => row.classList.remove("here"));
      rows[to].classList.add("here");
      rows[to].scrollIntoView({ block: "nearest" });
    };
    if (event.key === "j") go(now + 1);
    else if (event.key === "k") go(Math.max(0, now - 1));
    else if (event.key === "x" && rows[now]) rows[now].querySelector("input[type=checkbox]")?.click();
    else if (event.key === "Enter" && rows[now] && !event.target.closest("a, button, summary")) { const to = rows[now].dataset.row; if (to) location.href = to; }
    else if (event.key === "/") document.querySelector("[data-search]")?.focus();
    else if (event.key === "?") tell("快捷键: j/k 上下移动, Enter 打开, x 勾选, / 搜索");
    else return;
    event.preventDefault();
  });
})();
