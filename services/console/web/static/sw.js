// Desktop notifications: shown also while no page is open. A click opens the alert.
"use strict";
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", event => event.waitUntil(self.clients.claim()));

self.addEventListener("push", event => {
  let said = {};
  try { said = event.data ? event.data.json() : {}; } catch { said = {body: event.data.text()}; }
  const urgent = said.urgency === "urgent";
  event.waitUntil(self.registration.showNotification(said.title || "医保服务台有新通知", {
    body: said.body || "", lang: "zh-CN", requireInteraction: urgent, renotify: !!said.alert_id,
    // One notification per alert: told again, it replaces itself.
    ...(said.alert_id ? {tag: said.alert_id} : {}),
    data: {link: said.link || ""},
  }));
});

self.addEventListener("notificationclick", event => {
  event.notification.close();
  event.waitUntil(open(event.notification.data?.link));
});

async function open(link) {
  if (link) return self.clients.openWindow(link);
  const pages = await self.clients.matchAll({type: "window"});
  const inbox = pages.find(page => new URL(page.url).pathname === "/inbox");
  return inbox ? inbox.focus() : self.clients.openWindow("/inbox");
}
