// The editor of articles: fields that only belong to a choice, and no draft lost by a click elsewhere.
"use strict";
(() => {
  for (const part of document.querySelectorAll("[data-when]")) {
    const [name, value] = part.dataset.when.split("=");
    const choice = document.querySelector(`select[name="${name}"]`);
    const show = () => { part.hidden = choice.value !== value; };
    choice.addEventListener("change", show);
    show();
  }
  const editor = document.querySelector("[data-unsaved]");
  if (!editor) return;
  let unsaved = false;
  editor.addEventListener("input", () => { unsaved = true; });
  document.body.addEventListener("htmx:beforeOnLoad", (event) => {
    if (event.detail.xhr.status < 400 && editor.contains(event.detail.elt)) unsaved = false;
  });
  window.addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });
})();
