"""Counted reports to write down, as the engine would hand them over."""

from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from services.stats.definitions.definition import Chart, Definition, Output
from services.stats.periods import period
from services.stats.report import Checked, Input, Report, Scope, Shown

ARROW = {
    "text": pa.string(), "code": pa.string(), "month": pa.string(), "count": pa.int64(), "amount": pa.decimal128(18, 2),
    "ratio": pa.decimal128(9, 4), "percent": pa.float64(), "number": pa.float64(), "date": pa.date32(),
}  # fmt: skip
OUTPUTS = (
    Output("insutype", "险种类型", "code", dimension=True, dictionary="insutype"),
    Output("clr_optins", "结算经办机构", "text", dimension=True),
    Output("persons", "人数", "count", suppress=True, note="同一人多次结算只计一次"),
    Output("setl_cnt", "结算笔数", "count"),
    Output("medfee_sumamt", "医疗费用总额", "amount", compare=("mom", "yoy")),
    Output("fund_pay_sumamt", "基金支付总额", "amount"),
    Output("fund_share", "实际报销比例", "percent"),
)
ADDED = {
    "medfee_sumamt": (
        Shown("medfee_sumamt_mom", "医疗费用总额环比", "percent"),
        Shown("medfee_sumamt_yoy", "医疗费用总额同比", "percent"),
    ),
}  # fmt: skip
CHARTS = (
    Chart("bar", "各险种医疗费用与基金支付", "insutype", ("medfee_sumamt", "fund_pay_sumamt")),
    Chart("pie", "各险种结算笔数", "insutype", ("setl_cnt",)),
    Chart("bar", "各经办机构基金支付", "clr_optins", ("fund_pay_sumamt",)),
)
DEFINITION = Definition(
    id="settlement_summary", title="医保基金支付汇总表", family="fund", purpose="按月核对基金支付", owner="基金财务科",
    unit="元", grain="险种 × 结算经办机构", tables=("setl_d",),
    filters=("有效标志为 1", "结算时间在统计期内"), outputs=OUTPUTS,
    basis="国家医疗保障局统计调查制度", sources="结算信息表 setl_d", constraints=("退费为负数行，金额正负相抵",),
    notes=("统计期以医保返回的结算时间为准",), charts=CHARTS, hash=sha256(b"definition").hexdigest(),
)  # fmt: skip
Rows = list[tuple[Any, ...]]


def shown(outputs: tuple[Output, ...]) -> tuple[Shown, ...]:
    found: list[Shown] = []
    for o in outputs:
        found += [
            Shown(o.code, o.name, o.kind, o.dimension, o.dictionary),
            *(ADDED.get(o.code, ()) if o.compare else ()),
        ]
    return tuple(found)


def report(folder: Path, rows: Rows | None = None, outputs: tuple[Output, ...] = OUTPUTS, **changes: Any) -> Report:
    """Of lines with `rolled` at their end."""
    rows = ROWS if rows is None else rows
    definition = changes.pop("definition", DEFINITION)
    if outputs is not OUTPUTS:
        definition = msgspec.structs.replace(definition, outputs=outputs, charts=changes.pop("charts", ()))
    columns = shown(outputs)
    data = write(folder / "data.parquet", columns, rows)
    facts: dict[str, Any] = {
        "definition": definition, "period": period("2026-10"), "scope": Scope(), "data": data, "columns": columns,
        "rows": len(rows), "sha256": sha256(data.read_bytes()).hexdigest(),
        "inputs": (Input("setl_d", "a" * 64, 1_234_567, name="结算明细 2026-10.csv"),),
        "checks": (Checked("每行都有险种", True, "fail", "0 行缺少险种"),),
        "data_as_of": datetime(2026, 10, 31, 23, 59),  # noqa: DTZ001 - dates of data have no zone
    }  # fmt: skip
    return Report(**{**facts, **changes})


def write(path: Path, columns: tuple[Shown, ...], rows: Rows) -> Path:
    fields = [*((c.code, ARROW[c.kind]) for c in columns), ("rolled", pa.int64())]
    arrays = [pa.array([row[n] for row in rows], type_) for n, (_, type_) in enumerate(fields)]
    pq.write_table(pa.table(dict(zip([name for name, _ in fields], arrays, strict=True))), path)
    return path


def line(
    insutype: str | None, place: str | None, persons: int | None, fee: str | None, rolled: int = 0, **other: Any
) -> tuple[Any, ...]:
    amount = None if fee is None else Decimal(fee)
    fund = None if amount is None else (amount * Decimal("0.62")).quantize(Decimal("0.01"))
    times = None if persons is None else persons * 3
    share = None if amount is None else 0.62
    return (insutype, place, persons, times, amount, other.get("mom", 0.0523), other.get("yoy"), fund, share, rolled)


PLACES = ("620102 城关区医疗保险服务中心", "620103 七里河区医疗保险服务中心", "620104 西固区医疗保险服务中心")
ROWS: Rows = [
    line("310", PLACES[0], 128_450, "88245631.25"), line("310", PLACES[1], 63_201, "40123987.10"),
    line("310", PLACES[2], 7_450, "-1234.50", mom=-0.1234), line("310", None, 199_101, "128368383.85", 1),
    line("390", PLACES[0], 310_022, "120998123.00"), line("390", PLACES[1], 250_120, "98765432.10", yoy=0.2),
    line("390", None, 560_142, "219763555.10", 1), line("340", PLACES[0], 96, "812345.67"),
    line("340", None, 96, "812345.67", 1), line(None, None, 759_339, "348944284.62", 2),
]  # fmt: skip
SOME_DAY = date(2026, 10, 31)
