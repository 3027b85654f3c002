// Desktop notifications: this browser subscribes at its vendor, and the desk learns where to send.
"use strict";
(() => {
  const button = document.querySelector("[data-push]");
  if (!button) return;
  const told = document.getElementById("push-told");
  const bytes = (key) => Uint8Array.from(atob(key.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const answer = async (where, more) => {
    const got = await fetch(where, more);
    if (!got.ok) throw new Error(await got.text());
    return got;
  };

  async function subscribe() {
    if (!("serviceWorker" in navigator && "PushManager" in window)) throw new Error("此浏览器不支持桌面通知, 或当前网址不是 HTTPS");
    const key = await (await answer("/inbox/push-key")).json();
    if (await Notification.requestPermission() !== "granted") throw new Error("浏览器没有允许通知: 请点地址栏左侧图标, 允许本站发送通知");
    await navigator.serviceWorker.register("/sw.js");
    const worker = await navigator.serviceWorker.ready;
    const made = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(key.key) });
    const headers = { "Content-Type": "application/json", ...JSON.parse(document.body.getAttribute("hx-headers")) };
    await answer(button.dataset.push, { method: "POST", headers, body: JSON.stringify(made) });
  }

  button.addEventListener("click", async () => {
    button.disabled = true;
    told.textContent = "";
    try {
      await subscribe();
      button.lastElementChild.textContent = "桌面通知已打开";
      document.body.dispatchEvent(new Event("push:on")); // the form beside it has another version now
    } catch (error) {
      button.disabled = false;
      told.textContent = error.message;
    }
  });
})();
