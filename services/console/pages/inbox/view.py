"""What an inbox shows of an alert: is it new to me, how urgent, where it leads; and a settings form as wishes. Pure."""

import re
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import urlencode

from contracts.notify import URGENCY_NAMES
from services.console.web.forms import whole

Json = dict[str, Any]
URGENCIES: Final = URGENCY_NAMES
COLOURS: Final = {"urgent": "red", "high": "orange", "normal": "blue", "low": "secondary"}
VIEWS: Final = {"": "全部", "unread": "未读", "urgent": "紧急", "open": "待处理"}
PAGE: Final = 50
_FILLED: Final = re.compile(r"\s*\{[{%].*?[}%]\}\s*")
_ABOUT: Final = (("case_id", "/cases/{}", "工单"), ("obligation_id", "/obligations/{}", "事项"),
                 ("outage_id", "/outages/{}", "群体故障"))  # fmt: skip


def asked(view: str, before: str = "") -> Json:
    """The query of notify's inbox for one of VIEWS."""
    wanted = {"unread": {"unread": "true"}, "urgent": {"urgency": "urgent"}, "open": {"state": "open"}}
    return {"limit": PAGE, "before": before, **wanted.get(view, {})}


def shown(alert: Json, me: str) -> Json:
    """`about` are the address and the word for what it is about; none for what is about nothing."""
    done = alert["acknowledged_by"] is not None or alert["settled_at"] is not None
    about = next(((to.format(alert[key]), word) for key, to, word in _ABOUT if alert.get(key)), None)
    return {**alert, "unread": not done and me not in alert["read_by"], "done": done, "about": about,
            "colour": COLOURS[alert["urgency"]], "urgency_name": URGENCIES[alert["urgency"]]}  # fmt: skip


def address(view: str, before: str = "") -> str:
    """Of a page of the inbox."""
    query = urlencode({name: value for name, value in (("view", view), ("before", before)) if value})
    return f"/inbox?{query}" if query else "/inbox"


def ruled(rule: Json) -> str:
    """A rule in a list to choose from: its words without what is filled in, and its name."""
    return f"{_FILLED.sub('…', (rule['saved'] or rule['packaged'])['title'])} ({rule['name']})"


def quiet_of(mine: Json) -> Json:
    """The quiet hours of a form; empty fields where there are none."""
    return {name: (mine["quiet"] or {}).get(name) or "" for name in ("begins", "ends", "calendar")}


def wishes(form: Json, had: Json) -> Json:
    """The recipient that a filled-in settings form asks for; what the form does not show stays as it was."""
    quiet: Json = {name: form[name] for name in ("begins", "ends") if form.get(name)}
    if form.get("calendar"):
        quiet["calendar"] = form["calendar"]
    return {
        "quiet": quiet or None,
        "digest": form.get("digest") or None,
        "digest_at": form.get("digest_at") or "08:30",
        "at_most": whole(form.get("at_most", "")),
        "endpoints": _endpoints(form, had["endpoints"]),
        "subscriptions": _subscriptions(form, had["subscriptions"]),
    }


def _endpoints(form: Json, had: Iterable[Json]) -> list[Json]:
    """Those that are kept, in the order of their numbers, then the new one."""
    kept = [one for one in had if form.get(f"order-{one['provider']}", "") != ""]
    kept.sort(key=lambda one: whole(form[f"order-{one['provider']}"]) or 0)
    listed = [
        {"provider": one["provider"], "at_least": form.get(f"least-{one['provider']}", one["at_least"])} for one in kept
    ]
    if form.get("provider"):
        listed.append({"provider": form["provider"], "address": form.get("address", ""), "at_least": "low"})
    return listed


def _subscriptions(form: Json, had: list[Json]) -> list[Json]:
    kept = [one for n, one in enumerate(had) if form.get(f"keep-{n}")]
    if rules := form.get("rules"):
        kept.append({"rules": [rules] if isinstance(rules, str) else list(rules), "at_least": form.get("least", "low")})
    return kept
