"""What a file of providers says to reach the fake vendors, one section for each kind."""

import json
from pathlib import Path
from typing import Any

from tests.support.providers import Vendors, browser, dingtalk, feishu, receiver, sms, wecom


def sections(there: Vendors) -> dict[str, dict[str, Any]]:
    """By the name of the provider; without limits of our own, so that a test says which it wants."""
    url = {"base_url": there.url, "rate": None}
    server = {"host": "127.0.0.1", "port": there.mail.port, "tls": "none"}
    return {
        "mail": {"kind": "email", "rate": None, "server": server, "address": "desk@yibao.example"},
        "robot": {"kind": "wecom_robot", **url, "key": wecom.ROBOT_KEY},
        "app": {
            "kind": "wecom_app", **url, "corp_id": wecom.CORP, "agent_id": wecom.AGENT, "secret": wecom.SECRET
        },
        "dingtalk": {"kind": "dingtalk", **url, "access_token": dingtalk.TOKEN, "secret": dingtalk.SECRET},
        "feishu": {"kind": "feishu", **url, "hook": feishu.HOOK, "secret": feishu.SECRET},
        "sms": {**sms.CONFIG, **url},
        "webhook": {"kind": "webhook", "rate": None, "allowed": [f"{there.url}/hook/"], "secret": receiver.SECRET},
        "push": {
            "kind": "web_push", "rate": None, "private_key": browser.VAPID_KEY, "subject": "mailto:desk@yibao.example",
            "hosts": ["127.0.0.1"],
        },
    }  # fmt: skip


def addresses(there: Vendors) -> dict[str, str]:
    """An address that goes well, by the name of the provider; the browser is subscribed by this."""
    return {
        "mail": "zhang@h.example", "robot": "", "app": "zhang", "dingtalk": "", "feishu": "", "sms": "13800138000",
        "webhook": f"{there.url}/hook/desk", "push": there.push.subscribe("screen", there.url),
    }  # fmt: skip


def written(there: Vendors, path: Path, *names: str, **more: Any) -> Path:
    """The file with these providers (all without names); `more` is laid over each of them. JSON is YAML."""
    chosen = {name: {**one, **more} for name, one in sections(there).items() if not names or name in names}
    path.write_text(json.dumps({"providers": chosen}, ensure_ascii=False), encoding="utf-8")
    return path
