"""The national layout of detail files (3202): what a hospital sends, and the result that comes back.

Text in UTF-8, a record a line, tabs between the fields, no header, `null` for what is missing; packed in a ZIP. Only a
worker process imports this module.
"""

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Final
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from services.stats.problem import Problem
from services.stats.reconcile.ledgers import Asked, attach, connect
from services.stats.reconcile.sql import AMOUNTS, literal

UPLOAD: Final = ("setl_id", "mdtrt_id", "psn_no", *AMOUNTS, "refd_setl_flag")
RESULT: Final = (
    "psn_no", "mdtrt_id", "setl_id", "msgid", "stmt_rslt", "refd_setl_flag", "memo", *AMOUNTS,
)  # fmt: skip
_MOST_LETTERS: Final = 4_000
_BATCH: Final = 50_000
_MONEY: Final = pa.decimal128(18, 2)
_SCHEMA: Final = pa.schema([(c, _MONEY if c in AMOUNTS else pa.string()) for c in RESULT])
_TEXT: Final = r"(FORMAT csv, DELIMITER '\t', HEADER false, NULLSTR 'null', QUOTE '')"


def write_upload(asked: Asked, target: Path) -> int:
    """The hospital's details of these days as a ZIP for 9101 and 3202; returns how many. Raises Problem.

    `psn_no` is the token that stands in the data set: the hospital puts its own number in its place by `setl_id`.
    """
    flag = "CASE WHEN flag THEN '1' ELSE '0' END"
    with TemporaryDirectory(dir=target.parent) as scratch, connect(Path(scratch)) as con:
        attach(con, asked, Path(scratch))
        con.execute("SET preserve_insertion_order = true")
        rows = f"SELECT {', '.join(UPLOAD[:-1])}, {flag} FROM all_h WHERE inside ORDER BY ALL"
        return _packed(con, rows, Path(scratch) / "details.txt", target)


def write_result(differences: Path, target: Path) -> int:
    """The differences as the platform's own result file; returns how many records. A row under another group on each
    side is two: one that the hospital has more of, one that the centre has more of.
    """
    amounts = ", ".join(f"CASE WHEN theirs THEN c_{a} ELSE h_{a} END AS {a}" for a in AMOUNTS)
    keys = [f"CASE WHEN theirs THEN c_{c} ELSE h_{c} END AS {c}" for c in ("psn_no", "mdtrt_id", "setl_id")]
    # What 2601 needs is the message, whichever side knows it.
    keys.append("CASE WHEN theirs THEN coalesce(c_msgid, h_msgid) ELSE coalesce(h_msgid, c_msgid) END AS msgid")
    flag = "CASE WHEN theirs THEN c_refd_setl_flag ELSE h_refd_setl_flag END AS refd_setl_flag"
    rows = f"""
        SELECT {", ".join(keys)}, code, {flag}, name || ': ' || why AS memo, {amounts}
        FROM (SELECT *, (code <> '2' AND c_medfee_sumamt IS NOT NULL) AS theirs
              FROM (SELECT *, unnest(string_split(result, ',')) AS code FROM read_parquet({literal(differences)})))
        ORDER BY class, id, code"""
    with TemporaryDirectory(dir=target.parent) as scratch, connect(Path(scratch)) as con:
        con.execute("SET preserve_insertion_order = true")
        return _packed(con, rows, Path(scratch) / "result.txt", target)


def _packed(con: duckdb.DuckDBPyConnection, rows: str, text: Path, target: Path) -> int:
    [(count,)] = con.execute(f"COPY ({rows}) TO {literal(text)} {_TEXT}").fetchall()
    # A fixed date: the same rows are the same bytes.
    info = ZipInfo(text.name, date_time=(1980, 1, 1, 0, 0, 0))
    info.compress_type = ZIP_DEFLATED
    with ZipFile(target, "w") as packed, packed.open(info, "w", force_zip64=True) as inside, text.open("rb") as read:
        while block := read.read(1 << 20):
            inside.write(block)
    return int(count)


def read_result(path: Path, target: Path, pseudonym: Callable[[str], str]) -> int:
    """A result file (TXT, or a ZIP of them) into Parquet of `RESULT`; returns how many records.

    `pseudonym` makes a token of a person's number. Raises Problem with the line that cannot be read.
    """
    count = 0
    with pq.ParquetWriter(target, _SCHEMA, compression="zstd") as writer:
        for batch in _batches(_records(path, pseudonym)):
            count += len(batch)
            columns = list(zip(*batch, strict=True))
            arrays = [_column(values, field.type) for values, field in zip(columns, _SCHEMA, strict=True)]
            writer.write_table(pa.table(arrays, schema=_SCHEMA))
    return count


def _column(values: tuple[str | None, ...], type_: pa.DataType) -> pa.Array:
    if type_ != _MONEY:
        return pa.array(values, type_)
    return pa.array(values, pa.string()).cast(_MONEY)


def _batches(records: Iterator[list[str | None]]) -> Iterator[list[list[str | None]]]:
    batch: list[list[str | None]] = []
    for record in records:
        batch.append(record)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _records(path: Path, pseudonym: Callable[[str], str]) -> Iterator[list[str | None]]:
    for name, file in _texts(path):
        try:
            for number, line in enumerate(io.TextIOWrapper(file, "utf-8-sig"), 1):
                if line.strip():
                    yield _record(line.rstrip("\r\n"), f"{name} 第 {number} 行", pseudonym)
        except UnicodeDecodeError:
            raise Problem(f"{name} 不是 UTF-8 编码: 请直接上传平台下载的文件, 不要用表格软件另存") from None


def _texts(path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    with path.open("rb") as file:
        if file.read(4) != b"PK\x03\x04":
            file.seek(0)
            yield "结果文件", file
            return
    try:
        with ZipFile(path) as packed:
            names = sorted(n for n in packed.namelist() if n.lower().endswith(".txt"))
            if not names:
                raise Problem("压缩包里没有 TXT 文件: 请上传 9102 下载的对账结果压缩包")
            for number, name in enumerate(names, 1):
                with packed.open(name) as inside:
                    yield f"第 {number} 个文件", inside
    except BadZipFile:
        raise Problem("压缩包已损坏: 请用 9102 重新下载对账结果后上传") from None


def _record(line: str, where: str, pseudonym: Callable[[str], str]) -> list[str | None]:
    if len(line) > _MOST_LETTERS:
        raise Problem(f"{where}过长: 请确认是 3202 的对账结果文件")
    fields = [None if f.strip() in ("", "null") else f.strip() for f in line.split("\t")]
    # Newer editions of the interface append exp_content.
    if len(fields) not in (len(RESULT), len(RESULT) + 1):
        raise Problem(f"{where}有 {len(fields)} 列, 应为 {len(RESULT)} 列: 请确认是 3202 的对账结果文件")
    record = fields[: len(RESULT)]
    for amount in record[-3:]:
        _check_amount(amount, where)
    record[0] = pseudonym(record[0]) if record[0] is not None else None
    return record


def _check_amount(amount: str | None, where: str) -> None:
    whole, _, cents = (amount or "0").lstrip("-").partition(".")
    if not (whole.isascii() and whole.isdigit() and len(whole) <= 15 and len(cents) <= 2 and (cents or "0").isdigit()):
        raise Problem(f"{where}的金额不是最多两位小数的数字: 请确认是 3202 的对账结果文件")
