"""What kind of work a new case is (工单类型), from its category and its words; staff may set another."""

from typing import Final

from contracts.case import Category, Findings, Kind

BY_CATEGORY: Final[dict[Category, Kind]] = {
    "需求变更": "change_request",
    "参数配置": "configuration",
    "数据统计": "data_request",
    "对账清分": "reconciliation",
    "结算清单": "settlement_list",
    "培训": "training",
}


def kind_of(category: Category, findings: Findings, trouble: bool) -> Kind:
    """The category's own kind; otherwise what is reported as broken is a fault, and the rest is asked."""
    if own := BY_CATEGORY.get(category):
        return own
    broken = trouble or findings.pasted or findings.error_code
    return "fault" if broken else "consultation"
