"""A sheet becomes cases through the real service and the real command line; importing it again changes nothing."""

import asyncio
import csv
import io
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from openpyxl import load_workbook

from tests.integration.cases import NOBODY, STAFF
from tests.support.desk import Desk, desk_in
from tests.support.traces import Json
from tests.support.wait import until

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]
HEADER = ["渠道", "来询人", "联系方式", "时间", "内容"]
TODAY = f"{datetime.now(UTC) + timedelta(hours=7):%Y-%m-%d %H:%M}"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with desk_in(tmp_path_factory.mktemp("import"), "intake") as desk:
        yield desk


def sheet(*rows: list[str]) -> bytes:
    target = io.StringIO()
    csv.writer(target, delimiter=";").writerows([HEADER, *rows])
    return target.getvalue().encode("gbk")


def row(n: int, text: str = "2207 报错", channel: str = "微信") -> list[str]:
    return [channel, f"李{n}", f"wx-{n}", TODAY, f"{text} 第{n}次"]


async def upload(desk: Desk, data: bytes, **form: str) -> httpx.Response:
    url = desk.url("intake", "/channels/import")
    return await desk.http.post(url, data=form, files={"file": ("登记表.csv", data)}, headers=STAFF)


async def cases(desk: Desk, at_least: int) -> int:
    async def look() -> int:
        total = (await desk.get("intake", "/cases/counts"))["total"]
        return int(total) if total >= at_least else 0

    return await until(f"{at_least} cases", look)


async def test_a_sheet_becomes_cases_and_its_bad_rows_come_back_to_be_mended(desk: Desk) -> None:
    rows = [row(n) for n in range(300)] + [row(300, channel="传真"), row(301, text="身份证 620102199001011234")]
    answer = await upload(desk, sheet(*rows))
    done: Json = answer.json()
    assert (answer.status_code, done["rows"], done["accepted"], done["rejected"]) == (200, 302, 301, 1), done
    assert done["problems"] == [{"row": 302, "reason": "渠道不认识: 请填写 微信, QQ, 电话, 网页, 邮件 或 现场"}]
    assert await cases(desk, 301) == 301
    rejects = await desk.http.get(desk.url("intake", done["rejects_url"]), headers=STAFF)
    assert rejects.content.startswith(b"\xef\xbb\xbf"), "Excel needs the mark to show Chinese"
    assert (await desk.http.get(desk.url("intake", done["rejects_url"]), headers=NOBODY)).status_code == 401
    again = (await upload(desk, sheet(*rows))).json()
    assert again == done
    mended = (await upload(desk, rejects.content.replace("传真".encode(), "电话".encode()))).json()
    assert (mended["accepted"], mended["rejected"], mended["rejects_url"]) == (1, 0, None)
    assert await cases(desk, 302) == 302, "the same file again has opened no case"
    assert await desk.stream("DEAD") == []


async def test_rejected_rows_lie_encrypted_in_the_database(desk: Desk) -> None:
    done = (await upload(desk, sheet(row(400, text="身份证 620102199001011234", channel="传真")))).json()
    kept = await desk.mongo[desk.settings.mongo_db]["imports"].find_one({"rejected": 1, "rows": 1})
    assert kept is not None
    assert b"620102199001011234" not in kept["sealed"]
    rejects = await desk.http.get(desk.url("intake", done["rejects_url"]), headers=STAFF)
    assert "620102199001011234" in rejects.text


async def test_files_that_are_no_sheets_are_refused_with_what_to_do(desk: Desk) -> None:
    for data, form, words in [
        (b"hello", {}, "没有找到列名"),
        (b"", {}, "空的"),
        (sheet(row(1)), {"channel": "fax"}, "不认识的渠道"),
    ]:
        answer = await upload(desk, data, **form)
        assert answer.status_code == 422 and words in answer.json()["message"], answer.text
    nobody = await desk.http.post(
        desk.url("intake", "/channels/import"), files={"file": ("a.csv", sheet(row(1)))}, headers=NOBODY
    )
    assert nobody.status_code == 401


async def test_the_template_is_a_workbook_that_can_be_filled_in_and_imported(desk: Desk) -> None:
    template = await desk.http.get(desk.url("intake", "/channels/import/template"))
    book = load_workbook(io.BytesIO(template.content))
    head = [cell.value for cell in book.worksheets[0][1]]
    facts = {"渠道": "现场", "时间": TODAY, "内容": "窗口：卡消磁了怎么办"}
    book.worksheets[0].append([facts.get(str(name), "") for name in head])
    target = io.BytesIO()
    book.save(target)
    done = (await upload(desk, target.getvalue())).json()
    assert (done["accepted"], done["rejected"]) == (1, 0), done


async def test_the_command_line_imports_a_file_and_leaves_what_must_be_mended_beside_it(
    desk: Desk, tmp_path: Path
) -> None:
    file = tmp_path / "登记表.csv"
    file.write_bytes(sheet(row(500), row(501, channel="传真")))
    command = [sys.executable, "-m", "yibao", "import", str(file), "--staff", "wang"]
    process = await asyncio.create_subprocess_exec(
        *command, env=desk.settings.environment(), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await process.communicate()
    assert "共 2 行: 导入 1 行, 未导入 1 行" in said.decode(), said.decode()
    assert process.returncode == 1
    left = file.with_name("登记表.未导入.csv").read_text(encoding="utf-8-sig")
    assert left.splitlines()[1].startswith('"渠道不认识')
