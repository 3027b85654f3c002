"""How invented events of the desk are said: who says them, of whom, and with what that must not be kept."""

import random
from datetime import datetime, timedelta
from typing import Any

from chassis.zone import BEIJING
from contracts.envelope import SYSTEM, Actor, Event, derive_id

START = datetime(2026, 5, 1, tzinfo=BEIJING)
UNTIL = datetime(2026, 11, 20, tzinfo=BEIJING)
PLACES = ("H62010200001", "H62010200002", "H62010300003", "P62010400004")
ENGINEERS = ("E001", "E002", "E003")
CATEGORIES = ("结算支付", "对账清分", "异地就医", "培训")
ASKER = Actor(kind="requester", id="wxid_秘密", name="张三丰")
SECRETS = ("秘密", "张三丰", "身份证", "62010219900101")
TEXT = "张三丰的身份证 62010219900101 结算失败"


class Line:
    """Says the events of one aggregate, one after the other."""

    def __init__(self, name: str, at: datetime, **about: Any) -> None:
        self.at, self._name, self._about, self.said = at, name, about, list[Event]()

    def say(self, type_: type[Event], minutes: float = 0, actor: Actor = SYSTEM, **facts: Any) -> None:
        self.at += timedelta(minutes=minutes)
        version = len(self.said) + 1
        id_ = derive_id(self._name, type_.__name__, version)
        envelope = {"id": id_, "cause_id": id_, "correlation_id": id_, "version": version, "actor": actor}
        times = {"occurred_at": self.at, "recorded_at": self.at + timedelta(seconds=1)}
        self.said.append(type_.model_validate({**envelope, **times, **self._about, **facts}))


def staff(chance: random.Random) -> Actor:
    return Actor(kind="staff", id=chance.choice(ENGINEERS), name="张三丰")
