"""The nine classes of differences (差异类别): what each is called, why it comes about, what to do next. Pure."""

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

Class = Literal[1, 2, 3, 4, 5, 6, 7, 8, 9]
Classes: Final[tuple[Class, ...]] = (1, 2, 3, 4, 5, 6, 7, 8, 9)

NAMES: Final[Mapping[Class, str]] = {
    1: "中心有、医院无", 2: "医院有、中心无", 3: "金额不一致", 4: "退费状态不一致", 5: "跨期", 6: "归类不一致",
    7: "重复", 8: "重复结算", 9: "异地未成功",
}  # fmt: skip


class Variant(msgspec.Struct, frozen=True):
    """A class as it is met: `result` is the platform's row result (0 平, 1 中心多, 2 医药机构多, 3 不一致), `result6`
    the six digits some provinces use. Class 6 is two results, one in the group of each side.
    """

    name: str
    of: Class
    why: str
    next: str
    result: str
    result6: str


VARIANTS: Final[tuple[Variant, ...]] = (
    Variant("centre_only", 1, "中心已结算, 医院系统没有这笔: 多为结算交易超时, 医院系统回滚",
            "患者未实际结算的, 用本行 msgid 做 2601 冲正; 已实际结算的, 在医院系统补登记", "1", "000101"),
    Variant("hospital_only", 2, "医院系统已记账, 中心没有这笔: 多为没有收到返回就记账, 或中心已冲正",
            "在医院系统作废这笔后重新结算; 患者已离院的先联系患者", "2", "000102"),
    Variant("amount", 3, "两边都有, 金额不一致: 多为拆分、个账共济、四舍五入或部分退费",
            "以中心返回的结算信息为准核对三项金额, 更正医院系统, 或退费后重新结算", "3", "000103"),
    Variant("hospital_refunded", 4, "医院已退费, 中心没有退费: 2208 没有成功或没有发出",
            "补做 2208 撤销结算; 已超过可撤销期限的, 到中心窗口办理", "2", "000102"),
    Variant("centre_refunded", 4, "中心已退费, 医院没有退费: 多为窗口退费或 2601 冲正后医院没有登记",
            "核实退费经过后, 在医院系统补登记退费; 误退的重新结算", "1", "000101"),
    Variant("refund_flag", 4, "两边都有且金额一致, 退费标志不一致, 也没有退费的负数行",
            "核实是否确已退费, 再在标志有误的一边更正", "3", "000103"),
    Variant("late_at_centre", 5, "医院记在本期, 中心记在相邻的一期",
            "以中心返回的结算时间 setl_time 为准, 在医院系统改为下一期或上一期, 不需冲正", "2", "000102"),
    Variant("late_at_hospital", 5, "中心记在本期, 医院记在相邻的一期",
            "以中心返回的结算时间 setl_time 为准, 在医院系统改到本期, 不需冲正", "1", "000101"),
    Variant("group", 6, "同一笔在两边的险种、清算类别或清算经办机构不同, 多为异地记成本地",
            "按中心的归类更正医院系统的 insutype、clr_type、setl_optins 后重新对总账", "2,1", "000102,000101"),
    Variant("centre_twice", 7, "同一笔在中心有多条明细 (返回的结算、就诊编号可能为空)",
            "用本行 msgid 核实后, 请中心删除多出的一条, 或做 2601 冲正", "1", "000101"),
    Variant("hospital_twice", 7, "同一笔在医院系统有多条明细", "在医院系统核实后删除多出的一条", "2", "000102"),
    Variant("settled_twice", 8, "同一次就诊结算了两次, 两笔都有效, 医院只登记了一笔: 多为超时后重新结算",
            "用多出一笔的 msgid 做 2601 冲正, 或做 2208 撤销", "1", "000101"),
    Variant("both_settled_twice", 8, "同一次就诊以同样的金额结算了两次, 两边都记了两笔",
            "核实是否重复收费; 是的, 对后一笔做 2208 撤销并退患者", "0", "000000"),
    Variant("unsuccessful", 9, "医院与中心一致, 省或国家平台上这笔异地结算未成功",
            "按 3209A 的说明请中心重新上传; 不能上传的, 撤销后重新结算", "0", "000000"),
)  # fmt: skip
"""In the order in which they are named; see docs/reconciliation.md."""

VARIANT: Final[Mapping[str, Variant]] = {v.name: v for v in VARIANTS}
