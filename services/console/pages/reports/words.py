"""What stats' codes are called where people read them. Pure."""

from collections.abc import Mapping
from typing import Final

FAMILIES: Final = (
    "daily", "fund", "treatment", "cross_region", "enrolment", "institution", "catalogue", "operations", "indicator",
)  # fmt: skip
"""In the order of the catalogue."""
RUN_STATES: Final[Mapping[str, tuple[str, str]]] = {
    "requested": ("排队中", "secondary"), "running": ("统计中", "blue"), "finished": ("已完成", "green"),
    "failed": ("失败", "red"), "cancelled": ("已取消", "secondary"),
}  # fmt: skip
VERDICTS: Final[Mapping[str, tuple[str, str]]] = {
    "passed": ("检查通过", "green"), "warned": ("有提示", "yellow"), "failed": ("检查未通过", "red"),
}  # fmt: skip
KINDS: Final = {"report": "报表", "ingest": "读入数据", "reconcile": "对账"}
FORMS: Final = {"xlsx": "Excel", "pdf": "PDF", "html": "网页", "csv": "CSV", "parquet": "Parquet"}
FILES: Final = {**FORMS, "rejects": "退回的行", "zip": "差异 TXT 压缩包"}
FILE_NAMES: Final = {
    "xlsx": "output.xlsx", "pdf": "output.pdf", "html": "output.html", "csv": "output.csv",
    "parquet": "output.parquet", "rejects": "rejects.csv", "zip": "differences.zip",
}  # fmt: skip
PERIODS: Final = {"span": "月、季、年或若干个月", "moment": "截至某日", "none": "不分统计期"}
MEASURES: Final = {
    "text": "文字", "code": "代码", "count": "计数", "amount": "金额", "ratio": "比率", "percent": "百分比",
    "number": "数值", "date": "日期", "month": "月份",
}  # fmt: skip
COMPARISONS: Final = {"mom": "环比", "yoy": "同比", "ytd": "累计"}
CHECKS: Final = {
    "not_null": "不为空", "unique": "不重复", "range": "在范围内", "row_count": "行数", "sums_agree": "合计相等",
    "last_period": "与上期相差不大", "zero_rows": "没有异常行",
}  # fmt: skip
PARAMETERS: Final = {
    "refunds": "总额含退费", "may_be_empty": "一方可以没有数据", "layout": "版式", "headerless": "没有表头",
    "empty": "没有数据行", "region": "区划开头", "insu_admdvs": "参保区划", "item": "项目目录编码",
    "accrym": "费款所属期", "clock": "按何时间", "within": "限时 (分钟)", "grain": "日期粒度", "insutype": "险种",
    "emp_no": "单位编号", "psn_insu_stas": "参保状态", "feed": "数据来源",
}  # fmt: skip
YES_OR_NO: Final = ("refunds", "may_be_empty", "headerless", "empty")
DECISIONS: Final = {"": "批注", "rework": "返工", "accept": "放行"}
VERSION_COLOURS: Final = {
    "draft": "secondary", "confirmed": "blue", "approved": "azure", "in_force": "green", "retired": "secondary",
}  # fmt: skip
TOLD: Final = {
    "stats.requested": "提交", "stats.finished": "完成", "stats.failed": "失败", "stats.cancelled": "取消",
    "stats.commented": "批注", "stats.taken": "下载", "stats.expired": "文件已清理",
}  # fmt: skip
SPANS: Final = {
    "last_month": "上月", "this_month": "本月", "last_quarter": "上季度", "last_year": "上年",
    "year_to_last_month": "今年至上月", "yesterday": "昨日", "none": "不分统计期",
}  # fmt: skip
