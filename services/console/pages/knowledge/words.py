"""What the pages of knowledge call things. Pure."""

from typing import Final, get_args

from contracts.case import Category

STATES: Final = {
    "draft": "草稿", "proposed": "待合并", "in_review": "审核中", "published": "已发布", "needs_review": "待复核",
    "retired": "已停用", "merged": "已合并",
}  # fmt: skip
COLOURS: Final = {"published": "green", "in_review": "blue", "needs_review": "orange", "proposed": "purple"}
KINDS: Final = {"solution": "解决方案", "guide": "培训材料", "policy": "政策文件"}
CATEGORIES: Final[tuple[str, ...]] = get_args(Category)
DOUBTS: Final = {
    "date": "到了复核日期", "interface": "接口有变化", "policy": "政策有变化", "votes": "读者认为没有帮助",
    "case": "同一工单有了新的解决方法", "staff": "同事提请复核",
}  # fmt: skip
STEPS: Final = {
    "drafted": "起草", "proposed": "建议合并", "revised": "修订", "submitted": "送审", "returned": "退回",
    "published": "发布",
    "questioned": "提请复核", "confirmed": "复核通过", "retired": "停用", "merged": "合并到另一条",
    "absorbed": "并入另一条", "owned": "更换负责人",
}  # fmt: skip
FIELDS: Final = {
    "title": "标题", "question": "问题", "answer": "处理步骤", "category": "类别", "findings": "识别内容",
    "kind": "种类",
    "symptoms": "现象", "cause": "原因", "institution_type": "适用机构类型", "edition": "省平台版本",
    "keywords": "关键词", "audience": "读者范围",
}  # fmt: skip
AUDIENCES: Final = {"engineers": "仅服务台工程师", "centre": "工程师与中心", "hospitals": "所有医院"}
_OWN: Final = "hospital:"


def audience(name: str) -> str:
    """`hospital:H1` is that hospital's own archive."""
    return AUDIENCES.get(name) or f"专属档案 {name.removeprefix(_OWN)}"
