"""The vendors that notify delivers by, on loopback: each speaks its own protocol for real, and misbehaves when told to.

    async with vendors() as there:
        there.robot.misbehave("a text of the message", BUSY)
        ...  # base_url of every kind but e-mail: there.url

`python -m tests.support.providers` starts them in a process of their own and says their URL and their SMTP port.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tests.support.providers.browser import Browsers
from tests.support.providers.core import Vendor
from tests.support.providers.dingtalk import Dingtalk
from tests.support.providers.feishu import Feishu
from tests.support.providers.front import Front
from tests.support.providers.mail import MailServer, mail_server
from tests.support.providers.receiver import Receiver
from tests.support.providers.sms import SmsGateway
from tests.support.providers.wecom import WecomApp, WecomRobot


@dataclass
class Vendors:
    """All of them behind one port; `url` has no slash at its end. Every limit of theirs is off until `limit` is set."""

    front: Front
    robot: WecomRobot
    app: WecomApp
    dingtalk: Dingtalk
    feishu: Feishu
    sms: SmsGateway
    receiver: Receiver
    push: Browsers
    mail: MailServer

    @property
    def url(self) -> str:
        return self.front.url

    @property
    def all(self) -> tuple[Vendor, ...]:
        return (self.robot, self.app, self.dingtalk, self.feishu, self.sms, self.receiver, self.push)


@asynccontextmanager
async def vendors(port: int = 0) -> AsyncIterator[Vendors]:
    """Up, until the end."""
    own = (WecomRobot(), WecomApp(), Dingtalk(), Feishu(), SmsGateway(), Receiver(), Browsers())
    front = Front(own)
    async with front.serving(port), mail_server() as mail:
        yield Vendors(front, *own, mail)
