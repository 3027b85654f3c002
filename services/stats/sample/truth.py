"""What was planted in generated data: how many, how much, and which rows, to be found again by whoever counts."""

from decimal import Decimal
from pathlib import Path

import msgspec

TITLES = {
    "catalogue_over_limit": ("hilist_b", "目录价格高于限价的项目; 金额为超出部分"),
    "clearing_not_paid": ("medins_clr_sum_d", "上上月及以前仍未拨付的月结; 金额为申报基金"),
    "double_enrolment": ("psn_insu_d", "同时正常参加职工与居民医保的人"),
    "double_settlement": ("setl_d", "同一就诊结算两次; 金额为多出的一笔"),
    "doubled_institution": ("setl_d", "均次费用为同级两倍的机构; 金额为其全部医疗费"),
    "employer_arrears": ("emp_clct_detl_d", "单位欠缴的月份 (按险种); 金额为单位与个人应缴之和"),
    "expired_item": ("fee_list_d", "使用已停用目录项目的明细"),
    "invalid_settlement": ("setl_d", "有效标志为 0 的结算"),
    "list_not_uploaded": ("setl_list_upload", "未上传结算清单的机构月份; 金额一栏为清单份数"),
    "negative_payment": ("rsdt_psn_clct_detl_d", "没有冲销标志的负数缴费"),
    "overlapping_stay": ("mdtrt_d", "同一人在两家机构重叠住院; 金额为第二家的医疗费"),
    "price_over_limit": ("fee_list_d", "单价高于限价的明细; 金额为超出部分"),
    "recorded_late": ("setl_d", "入库时间比结算时间晚四十天的结算"),
    "refunded_settlement": ("setl_d", "已退费的结算; 金额为原结算医疗费"),
    "reversed_payment": ("staf_psn_clct_detl_d", "已冲销的缴费, 原行与负数行各一; 金额为负数行"),
    "settled_while_paused": ("setl_d", "暂停或终止参保之后的结算"),
    "unknown_item": ("fee_list_d", "目录中没有的编码"),
}


class Planted(msgspec.Struct, frozen=True):
    """`count` rows of `table` are wrong as `title` says, `amount` in sum: yuan unless the title says otherwise.

    `keys` are the ids of the rows: settlements, fee lines as `setl_id-feedetl_sn`, persons, institutions.
    """

    kind: str
    table: str
    title: str
    count: int
    amount: Decimal
    keys: tuple[str, ...]


class Truth(msgspec.Struct, frozen=True):
    """Of a generated folder: how it was asked for, the rows of every table, and everything planted by its kind."""

    seed: int
    persons: int
    months: tuple[str, ...]
    rows: dict[str, int]
    planted: dict[str, Planted]


def planted(kind: str, rows: list[tuple[str, Decimal]]) -> Planted:
    table, title = TITLES[kind]
    keys = tuple(key for key, _ in rows)
    return Planted(kind, table, title, len(rows), sum((amount for _, amount in rows), Decimal(0)), keys)


def read_truth(folder: Path) -> Truth:
    """The truth beside generated tables. Raises FileNotFoundError, msgspec.ValidationError."""
    return msgspec.json.decode((folder / "truth.json").read_bytes(), type=Truth)
