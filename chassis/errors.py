"""Errors with Chinese messages that say what to do next: those that a fold may raise, and why a service stays down."""


class Refused(Exception):
    """A command that cannot be done now: the caller gets `code` and the message; nothing changes."""

    status = 409

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class NotFound(Refused):
    """The aggregate that a command names does not exist."""

    status = 404


class Stale(Refused):
    """Somebody was faster: `present` is the version there is now, 0 where there is nothing."""

    def __init__(self, what: str, present: int) -> None:
        found = f"现为第 {present} 版" if present else "现已不存在"
        super().__init__("stale", f"{what}已有新的变化 ({found}): 请刷新后再保存")


class Unacceptable(Exception):
    """A message that will never be acceptable as it is: it goes to the dead-letter stream with this reason."""


class Unstorable(Exception):
    """What is to be stored is nothing that a server ever takes, by its size or its values: no later attempt helps."""

    def __init__(self, message: str = "内容过大, 数据库或消息服务器存不下: 请拆开后再发, 或先结束它所属的工单") -> None:
        super().__init__(message)


class CannotStart(Exception):
    """Something that only a person can mend; the service says it and ends."""


class Full(Exception):
    """The aggregate takes no more: locate again, the message belongs to the next one."""
