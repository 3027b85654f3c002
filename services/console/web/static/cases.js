// Cases: who else looks or types, words of an article into the answer, what a bulk action needs.
"use strict";
(() => {
  const ALIVE_MS = 30000, TELL_MS = 15000;

  // Who else is here. Each page tells now and then; who has not been heard of for half a minute has gone.
  const page = document.querySelector("[data-presence]");
  if (page) {
    const id = page.dataset.presence, me = page.dataset.me, others = new Map();
    const token = JSON.parse(document.body.getAttribute("hx-headers"));
    const say = (doing) => fetch(`/live/presence?case=${encodeURIComponent(id)}&doing=${doing}`,
      { method: "POST", headers: token, keepalive: true }).catch(() => {});
    let typed = 0;
    const show = () => {
      for (const [name, one] of others) if (Date.now() - one.at > ALIVE_MS) others.delete(name);
      const told = [...others].map(([name, one]) => one.doing === "typing" ? `${name} 正在输入` : `${name} 也在看`);
      document.getElementById("others").textContent = told.join(", ");
    };
    document.body.addEventListener("live:presence", (event) => {
      if (event.detail.id !== id) return;
      const [doing, ...rest] = event.detail.detail.split(":"), name = rest.join(":");
      if (name === me) return;
      const isNew = !others.has(name);
      if (doing === "gone") others.delete(name);
      else others.set(name, { doing, at: Date.now() });
      show();
      if (isNew && doing !== "gone") say("looking");
    });
    page.addEventListener("input", () => {
      if (Date.now() - typed < 5000) return;
      typed = Date.now();
      say("typing");
    });
    say("looking");
    setInterval(() => { if (!document.hidden) say(Date.now() - typed < TELL_MS ? "typing" : "looking"); show(); }, TELL_MS);
    addEventListener("pagehide", () => say("gone"));
  }

  // An article's words at the end of the answer.
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-insert]");
    const answer = document.getElementById("answer");
    if (!button || !answer) return;
    const words = await fetch(button.dataset.insert);
    if (!words.ok) return;
    answer.closest("details").open = true;
    answer.value = [answer.value.trim(), await words.text()].filter(Boolean).join("\n");
    answer.focus();
    answer.dispatchEvent(new Event("input", { bubbles: true }));
  });

  // A verdict is seen at once.
  document.body.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target.closest("form[hx-post$='/judge']");
    if (!form || !event.detail.successful) return;
    const offer = form.closest("[data-offer]");
    if (form.elements.verdict.value === "rejected") offer.remove();
    else form.replaceWith("已采纳");
  });

  // Who was refused because of something new sees it: what he has typed stays, what has happened is fetched.
  document.body.addEventListener("htmx:responseError", (event) => {
    const page = event.target.closest("[data-presence]");
    if (page && event.detail.xhr.status === 409) document.body.dispatchEvent(new CustomEvent(`live:${page.dataset.presence}`));
  });

  // Bulk actions: only the field that the chosen one needs, and how many are marked.
  const choose = () => {
    const act = document.getElementById("bulk-act");
    if (!act) return;
    for (const one of document.querySelectorAll("[data-for]")) one.hidden = !one.dataset.for.split(" ").includes(act.value);
    const n = document.querySelectorAll("[name=case]:checked").length;
    document.getElementById("marked").textContent = n ? `已勾选 ${n} 件` : "勾选后可批量处理";
  };
  document.addEventListener("change", choose);
  document.addEventListener("click", () => setTimeout(choose));
  document.addEventListener("htmx:afterSettle", choose);
  // A list in which somebody marks or types is not replaced under his hands.
  document.addEventListener("htmx:beforeRequest", (event) => {
    const list = event.target.closest("[data-unless-marked]");
    if (!list || event.target !== list) return;
    if (list.querySelector("[name=case]:checked") || list.contains(document.activeElement)) event.preventDefault();
  });
  choose();
})();
