"""What the columns of an imported sheet may be called, and what stands in them. Pure."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from chassis.zone import BEIJING
from contracts.channel import Channel
from services.intake.text.plain import normalise

COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "channel": ("渠道", "来源渠道", "受理渠道", "咨询渠道", "咨询方式", "受理方式", "来源", "channel"),
    "name": (
        "来询人", "咨询人", "来电人", "提问人", "反馈人", "发送人",
        "联系人", "姓名", "昵称", "sender", "name",
    ),
    "contact": (
        "联系方式", "联系电话", "电话", "手机", "手机号", "账号", "微信号", "QQ号", "邮箱", "来询人编号",
        "发送人编号", "openid", "contact",
    ),
    "institution": (
        "机构编号", "机构代码", "医药机构编号", "定点医药机构编号", "医疗机构编号", "医院编号", "fixmedins_code",
        "institution",
    ),
    "place": (
        "机构名称", "医药机构名称", "定点医药机构名称", "医疗机构名称", "医院名称", "医院", "单位", "机构",
    ),
    "time": (
        "时间", "咨询时间", "提问时间", "来电时间", "反馈时间", "发生时间", "消息时间", "日期", "咨询日期", "time",
    ),
    "recorded": ("登记时间", "录入时间", "记录时间"),
    "subject": ("主题", "标题", "问题标题", "subject"),
    "text": ("内容", "问题", "问题描述", "问题内容", "咨询内容", "反馈内容", "消息内容", "描述", "text"),
    "conversation": ("会话", "会话编号", "会话号", "群", "群名", "群名称", "群聊", "conversation"),
    "message_id": ("消息编号", "消息ID", "消息号", "message_id"),
}  # fmt: skip
LABELS: Final = {field: names[0] for field, names in COLUMNS.items()}
NUMBER, REASON = "原行号", "未导入原因"
OURS: Final = frozenset({NUMBER, REASON})

_FIELD: Final = {re.sub(r"[\s_]", "", name).casefold(): field for field, names in COLUMNS.items() for name in names}
_CHANNELS: Final[dict[Channel, tuple[str, ...]]] = {
    "wechat": ("wechat", "微信", "企业微信", "企微", "微信群", "公众号"),
    "qq": ("qq", "QQ群", "企鹅"),
    "phone": ("phone", "电话", "来电", "热线", "座机", "手机", "12393"),
    "web": ("web", "网页", "网站", "网上", "表单", "官网", "线上"),
    "email": ("email", "e-mail", "邮件", "邮箱", "电子邮件"),
    "onsite": ("onsite", "现场", "窗口", "上门", "大厅", "柜台", "来访", "驻点"),
}
_CHANNEL: Final = {word.casefold(): channel for channel, words in _CHANNELS.items() for word in words}
_TIME: Final = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?"
    r"(?:\s*T?\s*(?:星期.|周.)?\s*(上午|下午|晚上|凌晨|中午)?\s*(\d{1,2})\s*[:：时点]\s*(?:(\d{1,2})\s*分?)?"
    r"(?:\s*[:：]?\s*(\d{1,2})(?:\.\d{1,9})?\s*秒?)?)?\s*(Z|[+-]\d{2}:?\d{2})?"
)
_COMPACT: Final = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\s*T?(\d{2})(\d{2})(\d{2})?)?")
_SERIAL: Final = re.compile(r"[2-7]\d{4}(?:\.\d{1,15})?")
_EPOCH: Final = datetime(1899, 12, 30, tzinfo=BEIJING)  # from which spreadsheets count days


def field_of(header: str) -> str | None:
    """The field that a column holds: `* 内容（必填）` is 内容."""
    plain = re.sub(r"[（(\[【].*?[)）\]】]", "", normalise(header))
    return _FIELD.get(re.sub(r"[\s_*＊:：]", "", plain).casefold())


def channel_of(value: str) -> Channel | None:
    return _CHANNEL.get("".join(normalise(value).split()).casefold())


def time_of(value: str) -> datetime | None:
    """A time as people and spreadsheets write it, Beijing's where it names no zone; None when it is no time."""
    plain = normalise(value)
    try:
        if found := _TIME.fullmatch(plain):
            year, month, day, half, hour, minute, second, zone = found.groups()
            clock = f"{_hour(hour, half):02}:{int(minute or 0):02}:{int(second or 0):02}"
            day_of = f"{year}-{int(month):02}-{int(day):02}"
            return datetime.fromisoformat(f"{day_of}T{clock}{zone or '+08:00'}").astimezone(UTC)
        if found := _COMPACT.fullmatch(plain):
            numbers = [int(part or 0) for part in found.groups()]
            return datetime(*numbers[:3], *numbers[3:6], tzinfo=BEIJING).astimezone(UTC)  # type: ignore[misc, arg-type]
        if _SERIAL.fullmatch(plain):
            return (_EPOCH + timedelta(seconds=round(float(plain) * 86_400))).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    return None


def _hour(hour: str | None, half: str | None) -> int:
    number = int(hour or 0)
    if half in ("下午", "晚上") and 1 <= number < 12:
        return number + 12
    return 0 if half in ("上午", "凌晨") and number == 12 else number
