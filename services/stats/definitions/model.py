"""A report's definition as the desk agrees on it: its versions, each with how far it is and who moved it."""

from datetime import datetime
from typing import Literal

import msgspec

Status = Literal["draft", "confirmed", "approved", "in_force", "retired"]
STATUS_NAMES: dict[Status, str] = {
    "draft": "草稿", "confirmed": "科室已确认", "approved": "已审批", "in_force": "生效", "retired": "停用",
}  # fmt: skip


class Step(msgspec.Struct, frozen=True):
    """Who moved a version, when, to what, and why."""

    at: datetime
    by: str
    what: str
    note: str = ""


class Version(msgspec.Struct, frozen=True):
    """One text of a definition, named by its hash. `department` confirmed it."""

    hash: str
    title: str
    source: str
    sql: str
    status: Status
    drafted_by: str
    department: str = ""
    confirmed_by: str = ""
    approved_by: str = ""
    steps: tuple[Step, ...] = ()


class Agreement(msgspec.Struct, frozen=True):
    """All versions of one report's definition, oldest first; at most one of them is in force."""

    report: str = ""
    versions: tuple[Version, ...] = ()

    def version(self, hash_: str) -> Version | None:
        return next((v for v in self.versions if v.hash == hash_), None)

    @property
    def in_force(self) -> Version | None:
        return next((v for v in self.versions if v.status == "in_force"), None)
