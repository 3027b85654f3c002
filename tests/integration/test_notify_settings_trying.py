"""Trying an endpoint: nobody's telephone rings by the will of somebody else, and no stranger's words are passed on."""

import json
from pathlib import Path

from tests.integration.setting_desk import PHONE, notify_on
from tests.support.desk import desk_in
from tests.support.wait import until
from tests.unit.notify.people import account, entry, staff

LEADS = ("boss", "Call-95588-now")


async def test_a_test_is_for_oneself_or_for_a_lead_to_send_and_names_only_who_is_known(tmp_path: Path) -> None:
    async with desk_in(tmp_path) as desk, notify_on(desk) as notify:
        notify.people.hear(entry(staff("boss", lead=True)))
        notify.people.hear(entry(staff("li", account("phone", PHONE))))

        async def tried(key: str, who: str) -> tuple[str, str]:
            headers = {"X-Yibao-Staff": who, "X-Yibao-Role": "lead" if who in LEADS else "engineer"}
            answer = await notify.http.post(f"/recipients/{key}/test", json={"provider": "sms"}, headers=headers)
            body = answer.json()
            if "alert_id" not in body:
                return body["code"], ""
            said = await desk.js.get_last_msg("COMMAND", "notify.command.post")
            return "", json.loads(said.data or b"")["body"]

        assert (await tried("staff:li", "wang.fang"))[0] == "not_found"
        assert "由 boss 发送" in (await tried("staff:li", "boss"))[1]
        assert "由 li 发送" in (await tried("staff:li", "li"))[1]
        await notify.done("/settings/recipients/desk", {"endpoints": [{"provider": "sms", "address": PHONE}]})

        async def heard() -> bool:
            return notify.people.recipient("desk") is not None

        await until("the setting is heard", heard)
        code, body = await tried("desk", "Call-95588-now")
        assert code == "" and "95588" not in body and "由 服务台 发送" in body
        removed = await notify.delete("/settings/recipients/desk")
        assert "加密" in removed.json()["note"]
