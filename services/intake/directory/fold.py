"""The pure core of the directory: one entry, one command, one moment."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from msgspec.structs import replace

from chassis.errors import NotFound, Refused, Stale
from chassis.message import Moment
from chassis.personal.masking import mask, mask_id
from contracts.directory import (
    Contact,
    DirectoryRemoved,
    DirectoryRevealed,
    DirectorySaved,
    IdentifyRequester,
    RememberSender,
    RemoveEntry,
    RevealAccount,
    SaveEntry,
    ServiceContract,
    StaffMember,
)
from contracts.envelope import Command, Event
from services.intake.directory.model import Body, Entry, body_of, key_of

Folded = tuple[Entry, Sequence[Event | Command]]


def fold(entry: Entry | None, moment: Moment) -> Folded:
    """Raises Refused when somebody was faster, NotFound when there is no such entry."""
    match moment.message.body:
        case SaveEntry() as save:
            return _save(entry, moment, save)
        case RememberSender() as remember:
            return _remember(entry, moment, remember)
        case RemoveEntry() as remove:
            return _remove(_present(entry, remove), moment, remove)
        case RevealAccount() as reveal:
            return _reveal(_present(entry, reveal), moment, reveal)
    raise Refused("unknown_command", f"不认识的命令 {moment.message.body}")


def _save(entry: Entry | None, moment: Moment, command: SaveEntry) -> Folded:
    named = body_of(command)
    if named is None:
        raise Refused("one_of_four", "通讯录条目应当是机构、联系人、合同、人员四者之一: 请只填写其中一项")
    _check_version(entry, moment, command.expected_version)
    _, body = named
    if problem := problem_of(body):
        raise Refused("not_consistent", problem)
    return _saved(moment, *named)


def problem_of(body: Body) -> str:
    """What is wrong with an entry that its fields alone do not show; empty when nothing is."""
    if isinstance(body, ServiceContract) and not all(_is_day(day) for day in (body.begins, body.ends)):
        return f"合同的日期 {body.begins} 至 {body.ends} 里有不存在的一天: 请核对两个日期"
    if isinstance(body, ServiceContract) and body.ends < body.begins:
        return f"合同的结束日期 {body.ends} 早于开始日期 {body.begins}: 请核对两个日期"
    if any(mask_id(text) != text for text in _written(body)):
        return "编号、姓名、职务里有电话或证件号: 号码请填在账号 (电话) 一栏, 其余请删去"
    return ""


def _is_day(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False


def _written(body: Body) -> tuple[str, ...]:
    match body:
        case Contact():
            return body.id, body.name, body.role
        case StaffMember():
            return body.id, body.name
    return ()


def _saved(moment: Moment, kind: Any, body: Body) -> Folded:
    key = key_of(body)
    saved = moment.event(DirectorySaved, kind=kind, key=key, occurred_at=moment.now, **{kind: body})
    return Entry(kind, key, body.model_dump(mode="json"), moment.now), [saved]


def _check_version(entry: Entry | None, moment: Moment, expected: int | None) -> None:
    present = moment.version if entry is not None and not entry.removed else 0
    if expected not in (None, present):
        raise Stale("条目", present)


def _remember(entry: Entry | None, moment: Moment, command: RememberSender) -> Folded:
    """The contact has the account from now on, and its open cases are told who asked."""
    contact = command.contact
    said: list[Event | Command] = []
    if entry is not None and not entry.removed:
        contact = Contact.model_validate(entry.facts)
    if all(known.key != command.identity.key for known in contact.identities):
        identities = (*contact.identities, command.identity)
        code = contact.institution_code or command.contact.institution_code
        contact = contact.model_copy(update={"identities": identities, "institution_code": code})
        entry, events = _saved(moment, "contact", contact)
        said.extend(events)
    assert entry is not None
    facts = {"contact": contact.id, "institution_code": contact.institution_code}
    said.extend(moment.command(IdentifyRequester, case_id=id_, **facts) for id_ in command.case_ids)
    return entry, said


def _remove(entry: Entry, moment: Moment, command: RemoveEntry) -> Folded:
    _check_version(entry, moment, command.expected_version)
    facts = {"kind": entry.kind, "key": entry.key, "reason": _reason(command)}
    removed = moment.event(DirectoryRemoved, occurred_at=moment.now, **facts)
    # The accounts and names of somebody who is no longer there are not kept in the entry.
    return replace(entry, facts={}, removed=True, saved_at=moment.now), [removed]


def _reveal(entry: Entry, moment: Moment, command: RevealAccount) -> Folded:
    accounts = {i.key for i in getattr(entry.body, "identities", ()) if i.sealed}
    if command.identity not in accounts:
        raise NotFound("no_account", "此条目没有可查看的这个账号: 只有电话和邮箱保存有原号码")
    facts = {"kind": entry.kind, "key": entry.key, "identity": command.identity, "reason": _reason(command)}
    return entry, [moment.event(DirectoryRevealed, occurred_at=moment.now, **facts)]


def _reason(command: RemoveEntry | RevealAccount) -> str:
    """The event stays for good: no number in it, and not blanks that look like a reason."""
    reason = command.reason.strip()
    if command.reason and not reason:
        raise Refused("blank_reason", "理由只有空格: 请写明理由")
    return mask(reason)


def _present(entry: Entry | None, command: RemoveEntry | RevealAccount) -> Entry:
    if entry is None or entry.removed:
        raise NotFound("not_found", f"通讯录里没有 {command.key}: 请核对编号")
    return entry
