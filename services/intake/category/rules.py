"""A first guess at category and priority, so that a case reaches the right desk before anybody has read it.

The rules are data, read from top to bottom: the first word that occurs decides. The guess is no verdict.
"""

from typing import Final

from contracts.case import Category, Findings, Priority

# Narrow before wide: 生育津贴 before 参保, 对账 before 结算; 结算 and 接口 occur in nearly every message.
RULES: Final[tuple[tuple[Category, tuple[str, ...]], ...]] = (
    ("培训", ("培训", "讲座", "操作手册", "教学视频")),
    ("对账清分", ("对账", "清分", "清算", "月结", "拨付", "不平", "中心多", "机构多", "三方核对")),
    ("结算清单", ("结算清单", "清单上传", "清单质控", "病案首页", "DRG", "DIP", "入组")),
    ("生育津贴", ("生育", "产假", "津贴", "计划生育", "产检")),
    (
        "零星报销",
        ("零星", "手工报销", "垫付", "回来报销", "窗口报销", "怎么报销", "如何报销", "报销材料", "报销进度"),
    ),
    ("备案", ("备案", "转诊", "转院")),
    ("异地就医", ("异地", "跨省", "省外", "外地", "漫游")),
    ("门特结算", ("门特", "门慢", "慢特病", "慢性病", "特殊病", "特病", "慢病", "两病")),
    ("数据统计", ("统计", "报表", "取数", "数据导出", "导出数据", "台账", "花名册", "汇总表")),
    ("编码贯标", ("编码", "贯标", "ICD", "医保码不匹配", "追溯码", "耗材码")),
    ("目录", ("目录", "对照", "限价")),
    (
        "参保征缴",  # not 参保 alone: 参保人 and 参保地 are in every message
        (
            "参保登记", "参保缴费", "参保状态", "未参保", "参保信息", "参保证明", "办理参保", "怎么参保", "如何参保",
            "重复参保", "缴费", "征缴", "断缴", "停保", "续保", "补缴", "欠费", "增员", "减员", "转移接续",
        ),
    ),
    (
        "接口/HIS",
        (
            "接口", "HIS", "his系统", "报文", "入参", "出参", "签名", "签到", "前置机", "读卡",
            "infno", "err_msg", "msgid",
        ),
    ),
    (
        "结算支付",
        ("结算", "支付", "刷卡", "退费", "扣费", "扣款", "收费", "电子凭证", "医保卡", "个人账户", "冲正", "报销"),
    ),
)  # fmt: skip

# The number of a transaction says more than "接口": 3201 is reconciliation, whoever calls it.
FAMILIES: Final[dict[str, Category]] = {
    "13": "目录", "33": "目录", "25": "备案", "32": "对账清分", "41": "结算清单",
}  # fmt: skip

OUTAGE: Final = ("瘫痪", "无法结算", "宕机", "崩溃", "全部停", "停摆", "都结算不了", "都不能结算", "全都不能")
EVERYBODY: Final = (
    "全院", "大面积", "所有窗口", "全部窗口", "各窗口", "所有患者", "全部患者", "所有医院", "所有科室",
    "全市", "全县", "全区",
)  # fmt: skip
TROUBLE: Final = (
    "失败", "报错", "错误", "异常", "不了", "不能", "无法", "不上", "不通", "中断", "超时", "故障", "断开", "卡死",
    "打不开", "没反应", "掉线", "停机", "停用", "重复扣", "多扣", "err_msg",
)  # fmt: skip
WISHES: Final = ("建议", "希望增加", "希望能增加", "能否增加", "优化一下")


def categorise(text: str, findings: Findings) -> tuple[Category, Priority]:
    category = _category(text, findings)
    return category, _priority(text, findings, category)


def _category(text: str, findings: Findings) -> Category:
    by_word = next((category for category, words in RULES if _any(words, text)), None)
    if findings.infno and by_word in (None, "接口/HIS", "结算支付"):
        return FAMILIES.get(findings.infno[:2], "接口/HIS")
    return by_word or ("接口/HIS" if findings.msgid else "业务咨询")


def _priority(text: str, findings: Findings, category: Category) -> Priority:
    """Trouble for everybody before trouble for one; a wish that reports no trouble can wait."""
    trouble = findings.error is not None or _any(TROUBLE, text.replace("能不能", ""))  # a question, not trouble
    if _any(OUTAGE, text) or (trouble and _any(EVERYBODY, text)):
        return "urgent"
    if trouble:
        return "high"
    return "low" if category == "培训" or _any(WISHES, text) else "normal"


def _any(words: tuple[str, ...], text: str) -> bool:
    for word in words:  # noqa: SIM110 - a plain loop: `any` with a generator costs twice as much here
        if word in text:
            return True
    return False
