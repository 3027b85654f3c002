"""The vendors of the notify bench in a process of their own: they take messages and write down who got which, and when.

`python -m bench.alerts_vendors FILE` says its URL, then a line of FILE for each message taken: time, vendor, number of
the alert, who got it. The application's vendor answers late; the others at once.
"""

import asyncio
import re
import sys
import time
from pathlib import Path
from typing import TextIO

from tests.support.providers.core import Request, Taken, Trouble, Vendor, slow
from tests.support.providers.feishu import Feishu
from tests.support.providers.front import Front
from tests.support.providers.receiver import Receiver
from tests.support.providers.sms import SmsGateway
from tests.support.providers.wecom import WecomApp

SLOW_S = 3.0
FLUSH_S = 0.2
NUMBER = re.compile(r"YB-(\d{7})")
_MENTIONED = re.compile(r"<at id=([\w-]+)>")


class Book(list[Taken]):
    """In the place of a vendor's list of what went out: written to the file instead of kept."""

    def __init__(self, vendor: str, file: TextIO) -> None:
        super().__init__()
        self._vendor, self._file = vendor, file

    def append(self, taken: Taken) -> None:
        number = NUMBER.search(taken.text)
        mentioned = _MENTIONED.search(taken.text)  # in a group nobody else is named
        to = mentioned[1] if mentioned else taken.to
        self._file.write(f"{time.time():.4f} {self._vendor} {number[1] if number else -1} {to}\n")


class Forgotten(list[Request]):
    """In the place of a vendor's list of what it was asked."""

    def append(self, _: Request) -> None: ...


class Everybody(set[str]):
    """In the place of the members of an enterprise."""

    def __contains__(self, _: object) -> bool:
        return True


def _late(request: Request, _: str) -> Trouble | None:
    return slow(SLOW_S) if request.path.endswith("/message/send") else None


def vendors(file: TextIO) -> list[Vendor]:
    app = WecomApp(users=Everybody(), per_member=sys.maxsize, plan=_late)
    named: dict[str, Vendor] = {"webhook": Receiver(), "feishu": Feishu(), "sms": SmsGateway(), "app": app}
    for name, vendor in named.items():
        vendor.asked, vendor.taken = Forgotten(), Book(name, file)
    return list(named.values())


async def main(file: TextIO) -> None:
    async with Front(vendors(file)).serving() as front:
        print(front.url, flush=True)
        while True:
            await asyncio.sleep(FLUSH_S)
            file.flush()


if __name__ == "__main__":
    with Path(sys.argv[1]).open("a", encoding="utf-8") as book:
        asyncio.run(main(book))
