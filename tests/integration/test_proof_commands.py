"""`yibao notify` as those on duty type it: silences, tests, the inbox; and what it says where something is wrong."""

import re

import pytest

from tests.integration.proving import post
from tests.support.desk import desk_in


async def test_a_silence_is_begun_seen_and_ended_from_the_terminal(tmp_path_factory: pytest.TempPathFactory) -> None:
    async with desk_in(tmp_path_factory.mktemp("commands"), "notify") as desk:
        wish = ("--match", "rule=warning,breach", "--match", "category!=目录", "--hours", "3", "--by", "wang")
        code, said = await desk.command("notify", "silence", "add", "省平台升级", *wish)
        [key] = re.findall(r"s-[0-9a-f]{12}", said)
        assert code == 0, said
        code, said = await desk.command("notify", "silence", "list")
        assert code == 0 and "生效中" in said and "rule=warning,breach; category!=目录" in said and "省平台升级" in said
        code, said = await desk.command("notify", "silence", "end", key, "--by", "wang")
        assert code == 0, said
        code, said = await desk.command("notify", "silence", "end", key, "--by", "wang")
        assert code == 1 and "已经结束" in said
        assert "已结束" in (await desk.command("notify", "silence", "list"))[1]

        told = str(await post(desk, "lead", "[bold]甲[/bold]"))
        code, said = await desk.command("notify", "inbox", "--audience", "lead", "--audience", "desk")
        assert code == 0 and "[bold]甲[/bold]" in said and told in said and "未读" in said
        for options in (("show", told), ("show", told, "--wide"), ("deliveries",), ("deliveries", "--wide")):
            code, said = await desk.command("notify", *options)
            assert code == 0 and "已送达" in said and "…" not in said, (options, said)
            assert (told in said) == (options != ("show", told)), "one's own id need not be repeated"
        code, said = await desk.command("notify", "test", "--to", "staff:wang", "--by", "wang")
        assert code == 1 and "请先在通知设置中登记地址" in said

        for wrong, word in (
            (("silence", "add", "x", "--match", "rule"), "标签=取值"), (("show", "../health/ready"), "不是通知编号"),
            (("silence", "add", "x", "--match", "rule=a", "--begins", "heute"), "2026-11-20T22:00"),
            (("export", "proof.pdf"), ".csv, .xlsx 或 .ndjson"), (("export", "/nowhere/x.csv"), "存不下来"),
            (("deliveries", "--state", "lost"), "没有状态 lost"),
        ):  # fmt: skip
            code, said = await desk.command("notify", *wrong)
            assert code in (1, 2) and word in said and "Traceback" not in said, (wrong, said)
        await desk.stop("notify")
        code, said = await desk.command("notify", "inbox")
        assert code == 2 and "连不上通知服务" in said
