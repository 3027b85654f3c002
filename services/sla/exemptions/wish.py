"""What is asked for over HTTP: a misspelt or empty scope must not come to mean everything."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from chassis.errors import Refused
from contracts.exemption import Scope
from services.sla.attainment.agreed import Agreed

_NAMED: Final = ("contracts", "institutions", "categories", "clocks", "case_ids")


class Unclear(Refused):
    """The scope does not say what it is about."""

    status = 400

    def __init__(self, message: str) -> None:
        super().__init__("unclear_scope", message)


class WishedScope(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which cycles; `case_ids` are ids or numbers (YB-…). `everything` says that nothing else is meant."""

    contracts: tuple[str, ...] = ()
    institutions: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    clocks: tuple[str, ...] = ()
    case_ids: tuple[str, ...] = ()
    everything: bool = False

    @property
    def numbers(self) -> list[str]:
        """Of cases that are not named by their ids."""
        return [number for text in self.case_ids if _id(number := text.strip().upper()) is None]


class Wish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is asked for."""

    ground: str
    text: str
    begins: datetime
    ends: datetime
    scope: WishedScope = WishedScope()


class Word(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody says who decides."""

    reason: str = ""


def scope_of(wished: WishedScope, agreed: Agreed, cases: Mapping[str, UUID]) -> Scope:
    """`cases` are those of the numbers that are known. Raises Unclear, or ValidationError of the contract."""
    some = any(getattr(wished, name) for name in _NAMED)
    if some == wished.everything:
        raise Unclear(
            "scope 既写了 everything 又写了具体范围: 请只保留一种" if some
            else '没有写明适用范围: 请在 scope 中列出合同、机构等, 确实针对全部的请写 {"everything": true}'
        )  # fmt: skip
    for name, unknown in (
        ("合同", [one for one in wished.contracts if not agreed.knows("contract", one)]),
        ("机构", [one for one in wished.institutions if not agreed.knows("institution", one)]),
        ("工单", [number for number in wished.numbers if number not in cases]),
    ):
        if unknown:
            raise Unclear(f"没有{name} {'、'.join(unknown[:5])[:200]}: 请核对编号")
    ids = [_id(text) or cases[text.strip().upper()] for text in wished.case_ids]
    facts: dict[str, Any] = {name: getattr(wished, name) for name in _NAMED}
    return Scope.model_validate({**facts, "case_ids": ids})


def _id(text: str) -> UUID | None:
    try:
        return UUID(text.strip())
    except ValueError:
        return None
