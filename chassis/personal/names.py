"""Which words of a message are a person's name: names stand beside fields, roles and numbers.

Chinese writes no spaces, so a name is only taken where something announces it, it begins with a surname and
something that follows a name follows. Ordinary words that begin like a surname are listed. Part of `masking`.
"""

import re

GAP = r"""["'\\]{0,4}\s{0,4}[:：=>是为]?\s{0,4}["'\\(（【\[]{0,4}"""
_HAN = "[一-鿿㐀-䶿]"
_SURNAME = (
    "(?:欧阳|上官|司马|诸葛|司徒|东方|皇甫|慕容|令狐|尉迟|["
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅"
    "沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔"
    "白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟"
    "安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦向柳邢路岳齐梅莫庄辛管祝左涂谷祁"
    "舒耿牟卜肖詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫屈鲍位覃霍翁隋植甘景薄包"
    "司柏宁柯阮桂闵柴华车冉房边妥买拓敏脱虎哈沙闫折苟冶剡缑])"
)
_NO_NAME = (
    "(?!余[额下]|高[血龄危烧热值台]|黄疸|白[内血银]|方[便面式]|金[额昌川塔]|常[年规见]|安[全置装排宁定]|万元|文件|关[于系]|"
    "成[功为年县]|温度|包[括含]|路费|车费|房产|费用|管理|严重|项目|位于|史上|曾[在到经任有于被]|任[何意]|何[时地]|边缘|司机|向[我医院您]|游离|"
    "施行|康[复县乐]|马上|甘[肃南谷州]|兰州|江苏|宁夏|武[威都山]|华[亭池]|石化|张[掖家]|秦[安州]|庄浪|夏河|"
    "于甘[肃南]|于兰州|于[0-9今昨本上下前当每去是同该我此近住出入门医一二三四五六七八九十])"
)
_NAME = rf"{_NO_NAME}{_SURNAME}{_HAN}{{1,2}}?"
_AFTER = (
    r"(?=[^\w*]|[0-9A-Za-z_]|\Z|[的在来到去因于说要想已男女是与和]|住院|就[诊医]|门[诊特]|结算|身份|证件|电话|手机|联系|"
    r"医保|社保|个人|先生|女士|同志|报[错销]|费用|[出入]院|办理|刷卡|反映|本[人月]|无法|不能|参保|[今昨]天)"
)
_ANNOUNCES = re.compile(  # without one of these nobody is announced
    "psn|patn|patient|coner|agnter|opter|姓名|联系人|经办人|户主|患者|病人|患儿|产妇|参保|我叫|本人|家属"
)
_ANNOUNCED = (
    re.compile(  # psn_name of JSON, XML or key=value
        r"((?:psn_?[nN]ame|patn_?[nN]ame|patient_?[nN]ame|coner_name|agnter_name|opter_name)"
        r"""["'\\]{0,4}\s{0,4}[:：=>]\s{0,4}["'\\]{0,4})(?!null|不|未|为空)([^\W\d_][^\s"'\\<>,，;；:&{}\[\]()（）*]{1,29})"""
    ),
    re.compile(  # 姓名：张三
        rf"((?:姓名|联系人|经办人|户主)\s?[:：=是为叫]\s{{0,3}})(?!不|错|未|空|与)"
        rf"({_HAN}{{2,3}}?{_AFTER}|{_SURNAME}{_HAN}{{1,2}}|{_HAN}{{1,8}}·{_HAN}{{1,8}})"
    ),
    re.compile(  # 患者张三
        r"((?:患者|病人|患儿|产妇|参保人员?|参保职工|姓名|我叫|本人叫?|家属|联系人)(?:姓名)?\s?[叫是为:：]?\s?)"
        rf"({_NAME}){_AFTER}"
    ),
)
_BESIDE = (
    re.compile(  # 张三，身份证620*************12
        rf"((?<!{_HAN}))({_NAME})"
        r"(?=[\s,，、:：(（]{0,3}(?:的?(?:身份证|证件|社保卡|医保卡|手机|电话)号?码?)?[\s:：是为]{0,3}[0-9]{3}\*{4})"
    ),
    re.compile(  # 138****5678 张三
        rf"((?:(?<=\*[0-9][0-9Xx×])|(?<=\*[0-9]{{4}}))[\s,，、]{{0,3}})({_NAME})(?!{_HAN})"
    ),
)


def hide_announced(text: str) -> str:
    """Names behind a field or a role: 姓名：张三, 患者张三."""
    return _hide(_ANNOUNCED, text) if _ANNOUNCES.search(text) else text


def hide_beside_numbers(text: str) -> str:
    """Names that stand next to a number that is masked already."""
    return _hide(_BESIDE, text)


def _hide(patterns: tuple[re.Pattern[str], ...], text: str) -> str:
    for pattern in patterns:
        text = pattern.sub(lambda m: m[1] + m[2][0] + "*" * min(len(m[2]) - 1, 2), text)
    return text
