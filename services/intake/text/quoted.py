"""What a message says itself, apart from the earlier words that it repeats and the stickers around it.

Channels hand over answers with the quoted message in front (WeChat, QQ) or behind (mail), and stickers and
pictures as words in brackets. Bracketed words of the domain, such as 【入院科别】, are no stickers and stay.
"""

import re
from collections.abc import Callable

_OPENS = ("[", "「", ">", "")
_DASHES = frozenset("-—–─_ ")
_STICKERS = (
    "微笑|撇嘴|色|发呆|得意|流泪|害羞|闭嘴|睡|大哭|尴尬|发怒|调皮|呲牙|惊讶|难过|囧|抓狂|吐|偷笑|愉快|可爱|白眼|傲慢|"
    "困|惊恐|憨笑|悠闲|咒骂|疑问|嘘|晕|衰|骷髅|敲打|再见|擦汗|抠鼻|鼓掌|坏笑|右哼哼|左哼哼|哈欠|鄙视|委屈|快哭了|阴险|"
    "亲亲|可怜|笑脸|生病|脸红|破涕为笑|恐惧|失望|无语|嘿哈|捂脸|奸笑|机智|皱眉|耶|吃瓜|加油|汗|天啊|Emm|社会社会|旺柴|"
    "好的|打脸|哇|翻白眼|666|让我看看|叹气|苦涩|裂开|嘴唇|爱心|心碎|拥抱|强|弱|握手|胜利|抱拳|勾引|拳头|OK|合十|啤酒|"
    "咖啡|蛋糕|玫瑰|凋谢|菜刀|炸弹|便便|月亮|太阳|庆祝|礼物|红包|福|烟花|爆竹|猪头|跳跳|发抖|转圈|表情|动画表情|emoji"
)
_PLACEHOLDERS = "图片|照片|视频|小视频|语音|文件|链接|位置|名片|聊天记录|小程序|附件"
_UNSAID = re.compile(rf"\[(?:{_STICKERS}|{_PLACEHOLDERS})\]|\[CQ:(?:face|image|at)[^\]\n]{{0,300}}\]")
_REPLY = re.compile(r"\[(?:回复|引用|[Rr]eply|CQ:reply)(?:[\s:：,@]([^\]\n]{0,500}))?\]\s{0,20}")
_MAIL = re.compile(
    r"^(?:-{2,20} ?(?:原始邮件|转发邮件|回复的原邮件|转发的邮件|Original Message|Forwarded message) ?-{2,20}"
    r"|在 ?20[0-9]{2}[^\n]{4,120}(?:写道|wrote) ?[:：]|On [^\n]{6,120} wrote:|(?:发件人|From) ?[:：][^\n]{3,200}\n"
    r"(?:发送时间|日期|收件人|Sent|Date|To) ?[:：])",
    re.MULTILINE,
)


def unquote(text: str) -> tuple[str, str]:
    """The quoted words and what is said to them. Without a quote, or with nothing else, `("", text)`."""
    if "\n" not in text and text[:1] not in _OPENS:
        return "", text
    for splits in _WAYS:
        if (parts := splits(text)) is not None and (rest := parts[1].strip()):
            return parts[0].strip(), rest
    return "", text


def said(text: str) -> str:
    """What the message itself says in words; all of `text` where that is nothing."""
    rest = unquote(text)[1]
    return _UNSAID.sub("", rest).strip() or rest if "[" in rest else rest


def _wechat(text: str) -> tuple[str, str] | None:
    """「张三：原话」, a line of dashes, the answer."""
    if not text.startswith("「"):
        return None
    lines = text.split("\n")
    for i in range(len(lines) - 1):
        if lines[i].rstrip().endswith("」") and _is_dashes(lines[i + 1]):
            return "\n".join(lines[: i + 1]).strip().removeprefix("「").removesuffix("」"), "\n".join(lines[i + 2 :])
    return None


def _is_dashes(line: str) -> bool:
    return len(line) >= 3 and _DASHES.issuperset(line) and not line.isspace()


def _qq(text: str) -> tuple[str, str] | None:
    """[回复 张三：原话] and the answer; often without the words."""
    if not text.startswith("[") or (found := _REPLY.match(text)) is None:
        return None
    return found[1] or "", text[found.end() :]


def _arrows(text: str) -> tuple[str, str] | None:
    """Lines that begin with `>`, as mail programs quote."""
    if not text.startswith(">") and "\n>" not in text:
        return None
    lines = text.split("\n")
    quoted = "\n".join(line.lstrip("> ") for line in lines if line.startswith(">"))
    return quoted, "\n".join(line for line in lines if not line.startswith(">"))


def _mail(text: str) -> tuple[str, str] | None:
    """The answer, a header line of the mail program, the earlier mail."""
    if "\n" not in text or (found := _MAIL.search(text)) is None:
        return None
    return text[found.end() :], text[: found.start()]


_WAYS: tuple[Callable[[str], tuple[str, str] | None], ...] = (_wechat, _qq, _mail, _arrows)
