"""A source table and its codes for tests of reading, and a reader that keeps everything that came out."""

import csv
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from services.stats.sources.ingest.reading import Ingested, read
from services.stats.sources.table import Column, Refund, Table

KEY = b"k" * 32
CODES = {
    "insutype": {"310": "职工基本医疗保险", "390": "城乡居民基本医疗保险"},
    "yes_no": {"0": "否", "1": "是"},
    "area": {"620102": "城关区"},
}
TABLE = Table(
    name="settlements",
    title="结算信息",
    grain="一行一笔结算",
    columns=(
        Column("setl_id", "结算ID", "code", True, pattern="[0-9A-Za-z_.-]{1,64}"),
        Column("psn_no", "人员编号", "code", True, "pseudonym"),
        Column("psn_name", "姓名", "text", True, "drop"),
        Column("tel", "联系电话", "text", personal="mask"),
        Column("insutype", "险种类型", "code", True, dictionary="insutype"),
        Column("admdvs", "参保区划", "code", dictionary="area", open=True),
        Column("setl_time", "结算时间", "datetime", True),
        Column("hospital", "机构名称", "text"),
        Column("medfee", "医疗费总额", "amount", True),
        Column("refd", "退费标志", "code", dictionary="yes_no"),
    ),
    key=("setl_id",),
    dated="setl_time",
    refund=Refund("refd", "medfee"),
)
HEADER = "setl_id,psn_no,psn_name,tel,insutype,admdvs,setl_time,hospital,medfee,refd"
GOOD = "S1,62010001,张三,13912345678,310,620102,2026-01-02 10:00:00,兰州市第一人民医院,100.00,0"


def good(n: int) -> str:
    return GOOD.replace("S1,", f"S{n},", 1)


def lines(*rows: str) -> str:
    return "\n".join([HEADER, *rows]) + "\n"


class Read:
    """What became of an upload; `accepted` are rows of text, `rejected` those of the rejects below its header."""

    def __init__(
        self, folder: Path, content: bytes | Path, name: str = "in.csv", table: Table = TABLE, **options: Any
    ) -> None:
        source = folder / "upload" if isinstance(content, bytes) else content
        if isinstance(content, bytes):
            source.write_bytes(content)
        self.out = folder / "out"
        self.out.mkdir(exist_ok=True)
        self.shares: list[float] = []
        options = {"key": KEY, "memory_mb": 1024, "progress": self.shares.append, "codes": CODES, **options}
        self.outcome: Ingested = read(source, name, table, self.out, **options)
        self.path = self.out / f"{self.outcome.sha256}.parquet"
        self.data = pq.read_table(self.path)
        self.accepted = [[_text(v) for v in row.values()] for row in self.data.to_pylist()]
        self.rejects = (self.out / "rejects.csv").read_bytes()
        with (self.out / "rejects.csv").open(encoding="utf-8-sig", newline="") as text:
            self.rejected = list(csv.reader(text))[1:]

    def column(self, code: str) -> list[Any]:
        return [row[code] for row in self.data.to_pylist()]

    def repaired(self, code: str) -> dict[str, int]:
        return next(p.repaired for p in self.outcome.profile if p.code == code)

    def as_csv(self) -> bytes:
        """The accepted rows as somebody would write them out."""
        out = [",".join(self.data.column_names)]
        out += [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in self.accepted]
        return "\n".join(out).encode()


def _text(value: Any) -> str:
    return "" if value is None else str(value)
