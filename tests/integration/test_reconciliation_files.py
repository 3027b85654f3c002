"""A reconciliation as people do it: files of both sides, a run, a sheet that goes to the hospital and comes back."""

import csv
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import duckdb
import httpx
import openpyxl
import pytest
import pytest_asyncio

from services.stats.reconcile.feedback import NOTE, VERDICT
from services.stats.reconcile.model import reconciliation_id
from services.stats.reconcile.sample import Truth, ledgers
from services.stats.sources.table import tables
from tests.support.desk import Desk, desk_in
from tests.support.traces import Json
from tests.support.wait import until

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]

CODE, OTHER, PERIOD = "H62010000077", "H62010000078", "2026-10"
STAFF = {"X-Yibao-Staff": "wang"}
HOSPITAL = {"X-Yibao-Staff": "zhao", "X-Yibao-Viewer": f"hospital:{CODE}"}
STRANGER = {"X-Yibao-Staff": "qian", "X-Yibao-Viewer": f"hospital:{OTHER}"}
PLANTED = dict.fromkeys(range(1, 10), 3)
NAME, NUMBER = "张三丰", "620102199001011234"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with desk_in(tmp_path_factory.mktemp("files"), "intake", "stats") as desk:
        yield desk


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def http(desk: Desk) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        base_url=desk.url("stats", ""), auth=desk.http.auth, trust_env=False, timeout=60
    ) as http:
        yield http


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> Truth:
    return ledgers(tmp_path_factory.mktemp("truth"), 800, seed=11, planted=PLANTED, institution=CODE)


def rows_of(path: Path, columns: list[str]) -> list[list[str]]:
    """As text; the name and number of a person beside each."""
    with duckdb.connect() as con:
        have = {r[0] for r in con.execute(f"DESCRIBE SELECT * FROM '{path}'").fetchall()}
        own = {"psn_name": f"'{NAME}'", "certno": f"'{NUMBER}'"}
        cells = ", ".join(f"{c}::VARCHAR" if c in have else own.get(c, "NULL::VARCHAR") for c in columns)
        return [["" if c is None else c for c in r] for r in con.execute(f"SELECT {cells} FROM '{path}'").fetchall()]


def hospital_csv(path: Path, changed: str = "") -> bytes:
    """As a hospital exports it: Chinese header, GB18030."""
    columns = [c for c in tables()["hospital_ledger"].columns if not c.code.startswith("stmt_")]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([c.name for c in columns])
    writer.writerows(rows_of(path, [c.code for c in columns]))
    return (text.getvalue() + changed).encode("gb18030")


def centre_zip(path: Path) -> bytes:
    """As the platform exports it: no header, tabs, `null`, in a ZIP."""
    columns = [c.code for c in tables()["centre_ledger"].columns]
    lines = ["\t".join(c or "null" for c in row) for row in rows_of(path, columns)]
    packed = io.BytesIO()
    with ZipFile(packed, "w") as archive:
        archive.writestr("centre.txt", "\n".join(lines) + "\n")
    return packed.getvalue()


def corrected(truth: Truth, folder: Path) -> Path:
    """The hospital's ledger with the amounts that the centre has."""
    path, amounts = folder / "corrected.parquet", ("medfee_sumamt", "fund_pay_sumamt", "acct_pay")
    theirs = ", ".join(f"coalesce(c.{a}, h.{a}) AS {a}" for a in amounts)
    once = f"SELECT setl_id, medfee_sumamt < 0 AS neg, {', '.join(f'any_value({a}) AS {a}' for a in amounts)} " \
        f"FROM '{truth.centre}' GROUP BY ALL"  # fmt: skip
    with duckdb.connect() as con:
        con.execute(f"""COPY (SELECT h.* REPLACE ({theirs}) FROM '{truth.hospital}' h LEFT JOIN ({once}) c
            ON c.setl_id = h.setl_id AND c.neg = (h.medfee_sumamt < 0)) TO '{path}' (FORMAT parquet)""")
    return path


def of_classes(run: Json) -> dict[int, int]:
    return {int(name.split()[0]): n for name, n in run["result"]["outcome"]["facts"].items()}


def without(*classes: int) -> dict[int, int]:
    return {of: n for of, n in PLANTED.items() if of not in classes}


async def ended(http: httpx.AsyncClient, asked: httpx.Response) -> Json:
    assert asked.is_success, asked.text
    run = asked.json().get("id") or asked.json()["url"].rsplit("/", 1)[-1]

    async def look() -> Json | None:
        found: Json = (await http.get(f"/runs/{run}", headers=STAFF)).json()
        return found if found.get("status") in ("finished", "failed") else None

    return await until(f"run {run} has ended", look)


async def load(http: httpx.AsyncClient, content: bytes, name: str, table: str, **how: Any) -> Json:
    uploaded = (await http.post("/uploads", files={"file": (name, content)}, headers=STAFF)).json()
    body = {"table": table, "upload_id": uploaded["upload_id"], "name": name, **how}
    run = await ended(http, await http.post("/datasets", json=body, headers=STAFF))
    assert run["status"] == "finished", run["reason"]
    made = run["result"]["outcome"]["made"]

    async def registered() -> bool:
        listed = (await http.get("/datasets", params={"table": table}, headers=STAFF)).json()
        return made["sha256"] in {d["sha256"] for d in listed if not d["withdrawn_at"]}

    await until("the data set is registered", registered)
    return run


async def reconciled(http: httpx.AsyncClient, code: str = CODE, period: str = PERIOD, **more: Any) -> Json:
    wish = {"report": "reconciliation", "institutions": [code], "period": period, **more}
    return await ended(http, await http.post("/runs", json=wish, headers=STAFF))


async def withdraw(http: httpx.AsyncClient, run: Json) -> None:
    made = run["result"]["outcome"]["made"]
    where = f"/datasets/{made['table']}/{made['sha256']}"
    gone = await http.request("DELETE", where, json={"reason": "已更正, 换新的台账"}, headers=STAFF)
    assert gone.is_success, gone.text


async def test_from_the_files_of_both_sides_to_nothing_left(
    desk: Desk, http: httpx.AsyncClient, truth: Truth, tmp_path: Path
) -> None:
    first = await load(http, hospital_csv(truth.hospital), "医院10月.csv", "hospital_ledger")
    assert first["result"]["rows_rejected"] == 0
    centre = await load(http, centre_zip(truth.centre), "centre.zip", "centre_ledger", headerless=True)
    assert centre["result"]["rows_rejected"] == 0
    await load(http, truth.unsuccessful.read_bytes(), "3209A.parquet", "cross_region_failure")

    run = await reconciled(http)
    assert run["status"] == "finished" and run["verdict"] == "warned", run["reason"]
    assert of_classes(run) == PLANTED
    assert [c["ok"] for c in run["result"]["outcome"]["checks"]] == [True]

    for form in ("output.xlsx", "differences.zip"):
        own = await http.get(f"/runs/{run['id']}/{form}", headers=HOSPITAL)
        assert own.status_code == 200 and NAME.encode() not in own.content and NUMBER.encode() not in own.content
        assert (await http.get(f"/runs/{run['id']}/{form}", headers=STRANGER)).status_code == 404
    book = await http.get(f"/runs/{run['id']}/output.xlsx", headers=STAFF)

    id_ = reconciliation_id(CODE, PERIOD)
    code, said = await desk.command("stats", "reconcile", "raise", str(id_), "--note", "请核实", "--as", "wang")
    assert code == 0, said
    listed = (await http.get(f"/reconciliations/{id_}/differences", headers=HOSPITAL)).json()
    assert listed["count"] == sum(PLANTED.values())
    assert all(d["why"] and d["next"] for d in listed["differences"])
    for verb in ("", "/differences"):
        assert (await http.get(f"/reconciliations/{id_}{verb}", headers=STRANGER)).status_code == 404

    filled = openpyxl.load_workbook(io.BytesIO(book.content))
    for sheet in filled.worksheets:
        head = {cell.value: cell.column for cell in sheet[1]}
        for row in range(2, sheet.max_row + 1) if VERDICT in head else ():
            sheet.cell(row, head[VERDICT], "已更正")
            sheet.cell(row, head[NOTE], "已在系统中更正")
    filled.save(tmp_path / "反馈.xlsx")
    code, said = await desk.command("stats", "reconcile", "answer", str(id_), str(tmp_path / "反馈.xlsx"))
    assert code == 0 and f"已登记 {sum(PLANTED.values())} 条反馈" in said, said

    # The corrected ledger while the old one is still there: nothing is counted twice, and that is said.
    await load(http, hospital_csv(corrected(truth, tmp_path)), "更正.csv", "hospital_ledger")
    both = await reconciled(http)
    [told] = [note for note in both["result"]["outcome"]["notes"] if "在几个数据集中重复" in note]
    assert f"其中 {PLANTED[3]} 笔内容不同" in told
    assert of_classes(both) == without(3)
    await withdraw(http, first)
    alone = await reconciled(http)
    assert of_classes(alone) == without(3) and len(alone["result"]["outcome"]["notes"]) == 1
    assert alone["result"]["output_sha256"] == both["result"]["output_sha256"]
    assert not await desk.dead()


async def test_details_for_3202_are_a_ledger_and_the_platforms_result_is_compared(
    http: httpx.AsyncClient, truth: Truth, tmp_path: Path
) -> None:
    made = ledgers(tmp_path, 600, seed=12, planted={1: 2, 3: 2}, institution=OTHER)
    days = {"fixmedins_code": OTHER, "stmt_begndate": "2026-10-01", "stmt_enddate": "2026-10-31"}
    with duckdb.connect() as con:
        con.execute(f"""CREATE VIEW mine AS FROM '{made.hospital}' WHERE setl_time >= DATE '2026-10-01'
            AND setl_time < DATE '2026-11-01'""")
        details = con.execute("""SELECT setl_id, mdtrt_id, psn_no, medfee_sumamt, fund_pay_sumamt, acct_pay,
            refd_setl_flag FROM mine""").fetchall()
    text = "\n".join("\t".join(map(str, row)) for row in details)
    lacking = await http.post(
        "/datasets", json={"table": "hospital_ledger", "upload_id": "0" * 64, "layout": "3202"}, headers=STAFF
    )
    assert lacking.status_code in (404, 409)
    loaded = await load(http, text.encode(), "3202.txt", "hospital_ledger", layout="3202", given=days)
    assert loaded["result"]["rows_rejected"] == 0
    await load(http, centre_zip(made.centre), "centre2.zip", "centre_ledger", headerless=True)
    run = await reconciled(http, OTHER)
    assert run["status"] == "finished", run["reason"]
    assert of_classes(run) == {1: 2, 3: 2}
    assert any("总账不按这些列分组" in note for note in run["result"]["outcome"]["notes"])

    result = await http.get(f"/runs/{run['id']}/differences.zip", headers=STAFF)
    await load(http, result.content, "结果.zip", "statement_result", layout="3202", given=days)
    again = await reconciled(http, OTHER)
    assert any("有 4 笔不平, 其中 4 笔在本次差异中" in note for note in again["result"]["outcome"]["notes"])
    assert (await reconciled(http, OTHER, "2026-11"))["status"] == "failed"


async def test_what_cannot_be_compared_is_said_and_changes_nothing(http: httpx.AsyncClient) -> None:
    unknown = await reconciled(http, "H62010000099")
    assert unknown["status"] == "failed" and "H62010000099" in unknown["reason"] and "请" in unknown["reason"]
    wrong = await reconciled(http, parameters={"tolerance": "1"})
    assert wrong["status"] == "failed" and "refunds" in wrong["reason"]
    assert (await http.get(f"/reconciliations/{reconciliation_id('H62010000099', PERIOD)}", headers=STAFF)).is_error
