"""What an attempt to send a reply came to: sent, refused, failed, or to be tried again. Pure."""

from typing import NamedTuple

from chassis.folding import DELAYS_S
from chassis.posting import LONGEST_WAIT_S, UNSURE, Declined, Later, SendFailed


class Verdict(NamedTuple):
    """`after_s` instead of an outcome says when to try again."""

    outcome: str
    reason: str = ""
    after_s: float | None = None


CUT_OFF = Verdict("failed", f"发送途中服务中断, {UNSURE}")
TOO_OLD = Verdict("failed", "搁置超过 24 小时, 没有发送: 请核对后重新回复")
NO_ADDRESS = Verdict("failed", "没有可以回复的地址: 请改打电话, 并登记为电话答复")
READ_HERE = Verdict("sent", "来询人在服务台页面上查看")


def judge(error: Exception | None, tries: int, delays_s: tuple[float, ...] = DELAYS_S) -> Verdict:
    """The verdict on an attempt that ended with `error` after `tries` that came to nothing."""
    match error:
        case None:
            return Verdict("sent")
        case TimeoutError():
            return Verdict("failed", f"渠道没有按时应答, {UNSURE}")
        case Declined():
            return Verdict("refused", str(error))
        case SendFailed(unsure=True):
            return Verdict("failed", str(error) if UNSURE in str(error) else f"{error}, {UNSURE}")
        case SendFailed(permanent=True):
            return Verdict("failed", str(error))
        case SendFailed() if tries < len(delays_s):
            asked = min(error.after_s, LONGEST_WAIT_S) if isinstance(error, Later) else 0.0
            return Verdict("", str(error), max(delays_s[tries], asked))
        case SendFailed():
            return Verdict("failed", f"{error}, 已重试 {tries} 次: 请改打电话, 或稍后重新回复")
    return Verdict("failed", f"发送时出错 ({type(error).__name__}), {UNSURE}")
