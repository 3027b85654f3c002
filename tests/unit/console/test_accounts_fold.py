"""Accounts: opened, changed and closed by command; each change is noted, nobody gives himself rights."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import NotFound, Refused
from contracts import identity
from contracts.audit import ActNoted
from contracts.envelope import Actor, Event, derive_id
from contracts.identity import AccountCommand, AccountEvent, Rights
from services.console.accounts.fold import fold
from services.console.accounts.model import Account, account_id
from tests.chassis.folding import Folder, shuffled, well_said
from tests.support.make import NOON

ADMIN = Actor(kind="staff", id="root.admin", name="管理员")
ENGINEER, HOSPITAL = Rights(role="engineer"), Rights(role="hospital", institutions=("H1", "H2"))
SECRETS = ("argon2-hash", "sealed-secret", "hash-of-a-code", "hash-of-a-key")


def folder() -> Folder[Account]:
    return Folder(fold, lambda _, message: account_id(message.body.account))  # type: ignore[attr-defined]


def wish(model: type[AccountCommand], n: int = 0, actor: Actor = ADMIN, account: str = "li.na", **facts: Any) -> Any:
    id_ = derive_id("wish", model.__name__, account, n)
    return model(id=id_, occurred_at=NOON, actor=actor, account=account, address="10.0.0.7", **facts)


def opened(n: int = 0, account: str = "li.na", rights: Rights = ENGINEER, **facts: Any) -> Any:
    return wish(identity.OpenAccount, n, account=account, name="李娜", rights=rights, **facts)


def with_account(*wishes: AccountCommand, rights: Rights = ENGINEER) -> tuple[Account, list[Event]]:
    desk = folder()
    desk.hear(opened(rights=rights, password="argon2-hash", expires_at=NOON))
    said = desk.hear(*wishes)
    return desk.states[account_id("li.na")], said


def test_an_account_opens_with_a_password_for_one_sign_in_and_is_noted() -> None:
    desk = folder()
    said = desk.hear(opened(password="argon2-hash", expires_at=NOON, rights=HOSPITAL))
    assert [e.type for e in said] == ["identity.opened", "audit.noted", "identity.password_set"]
    account = desk.states[account_id("li.na")]
    assert account.principal().institutions == ("H1", "H2")
    assert (account.password, account.expires_at, account.epoch) == ("argon2-hash", NOON, 0)
    note = said[1]
    assert isinstance(note, ActNoted)
    assert (note.act, note.object, note.actor.id, note.address) == ("rights_changed", "li.na", "root.admin", "10.0.0.7")
    assert (note.detail, note.institution_code) == ("新建账户: 医院 H1 H2", "H1")


def test_an_account_is_opened_once() -> None:
    desk = folder()
    desk.hear(opened())
    with pytest.raises(Refused, match="已存在"):
        desk.hear(opened(1))


@pytest.mark.parametrize(
    "rights",
    [
        Rights(role="hospital"),
        Rights(role="engineer", institutions=("H1",)),
        Rights(role="hospital", institutions=("H1",), districts=("620102",)),
        Rights(role="auditor", districts=("620102",)),
    ],
)
def test_rights_that_make_no_sense_are_refused(rights: Rights) -> None:
    with pytest.raises(Refused):
        folder().hear(opened(rights=rights))
    with pytest.raises(Refused):
        with_account(wish(identity.ChangeRights, name="李娜", rights=rights))


@pytest.mark.parametrize("model", [identity.DisableAccount, identity.EnableAccount, identity.RemoveFactor])
def test_nothing_is_done_to_an_account_that_there_is_not(model: type[AccountCommand]) -> None:
    with pytest.raises(NotFound, match="没有账户"):
        folder().hear(wish(model))


@pytest.mark.parametrize(
    "own",
    [
        wish(identity.ChangeRights, actor=Actor(kind="staff", id="li.na"), name="李娜", rights=Rights(role="admin")),
        wish(identity.DisableAccount, actor=Actor(kind="staff", id="li.na")),
        wish(identity.EnableAccount, actor=Actor(kind="staff", id="li.na")),
    ],
)
def test_nobody_changes_his_own_rights(own: AccountCommand) -> None:
    with pytest.raises(Refused, match="另一位管理员"):
        with_account(own)


@pytest.mark.parametrize(
    ("ends", "what"),
    [
        (True, wish(identity.ChangeRights, name="李娜", rights=Rights(role="auditor"))),
        (True, wish(identity.SetPassword, password="argon2-hash")),
        (True, wish(identity.DisableAccount)),
        (True, wish(identity.RemoveFactor)),
        (False, wish(identity.SetFactor, factor="sealed-secret", recovery=("hash-of-a-code",))),
        (False, wish(identity.LinkSubject, subject="https://office|1")),
        (False, wish(identity.IssueKey, key="k3v9x2m7", secret="hash-of-a-key", label="统计")),
    ],
)
def test_what_changes_who_one_is_ends_the_sessions(ends: bool, what: AccountCommand) -> None:
    account, said = with_account(what)
    assert account.epoch == int(ends)
    assert [e.type for e in said][1:] == ["audit.noted"]


def test_a_password_of_ones_own_choice_does_not_expire() -> None:
    account, [event, note] = with_account(wish(identity.SetPassword, password="argon2-hash"))
    assert account.expires_at is None
    assert isinstance(event, identity.PasswordSet)
    assert isinstance(note, ActNoted)
    assert note.detail == "修改密码"


def test_a_recovery_code_is_good_once() -> None:
    desk = folder()
    use = [wish(identity.UseRecovery, n, recovery="hash-of-a-code") for n in (1, 2)]
    desk.hear(opened(), wish(identity.SetFactor, factor="sealed-secret", recovery=("hash-of-a-code", "other")), use[0])
    assert desk.states[account_id("li.na")].recovery == ("other",)
    with pytest.raises(Refused, match="已经用过"):
        desk.hear(use[1])


def test_disabling_twice_says_nothing_twice() -> None:
    account, said = with_account(wish(identity.DisableAccount, 1, reason="离职"), wish(identity.DisableAccount, 2))
    assert [e.type for e in said] == ["identity.disabled", "audit.noted"]
    assert (account.disabled, account.epoch) == (True, 1)


def test_a_revoked_key_is_gone() -> None:
    issue = wish(identity.IssueKey, key="k3v9x2m7", secret="hash-of-a-key", label="统计", expires_at=NOON)
    account, _ = with_account(issue)
    [key] = account.keys
    assert not key.is_good(NOON)
    assert key.is_good(NOON - timedelta(seconds=1))
    account, _ = with_account(issue, wish(identity.RevokeKey, key="k3v9x2m7"))
    assert account.keys == ()


_WISHES: list[AccountCommand] = [
    one
    for account in ("li.na", "ma.jun")
    for one in (
        opened(account=account, password="argon2-hash", expires_at=NOON),
        wish(identity.ChangeRights, account=account, name="李娜", rights=HOSPITAL),
        wish(identity.SetPassword, account=account, password="argon2-hash"),
        wish(identity.SetFactor, account=account, factor="sealed-secret", recovery=("hash-of-a-code",)),
        wish(identity.UseRecovery, account=account, recovery="hash-of-a-code"),
        wish(identity.IssueKey, account=account, key="k3v9x2m7", secret="hash-of-a-key", label="统计"),
        wish(identity.RevokeKey, account=account, key="k3v9x2m7"),
        wish(identity.DisableAccount, account=account, reason="离职"),
        wish(identity.EnableAccount, account=account),
    )
]


@given(shuffled(_WISHES))
def test_in_whatever_order_wishes_come_and_however_often_the_events_tell_what_is_stored(
    wishes: list[AccountCommand],
) -> None:
    desk = folder()
    said: list[Event] = []
    for one in wishes:
        try:
            said += desk.hear(one)
        except Refused:
            continue
    well_said(said, lambda e: e.object if isinstance(e, ActNoted) else e.account)  # type: ignore[attr-defined]
    changes = [e for e in said if isinstance(e, AccountEvent) and not isinstance(e, identity.PasswordSet)]
    notes = [e for e in said if isinstance(e, ActNoted)]
    assert len(notes) >= len(changes), "no change goes unnoted"
    assert not any(secret in note.model_dump_json() for note in notes for secret in SECRETS)
    for account in desk.states.values():
        mine = [e for e in said if isinstance(e, AccountEvent) and e.account == account.account]
        assert account.principal() == _told(mine)


@given(st.permutations(_WISHES), st.integers(0, 20))
def test_wishes_that_come_again_change_nothing(wishes: list[AccountCommand], n: int) -> None:
    once, twice = folder(), folder()
    for one in wishes:
        for desk in (once, twice, twice) if n % 2 else (once, twice):
            try:
                desk.hear(one)
            except Refused:
                continue
    assert once.states == twice.states


def _told(events: list[AccountEvent]) -> Any:
    """Whom the events say it is."""
    rights = next(e for e in reversed(events) if isinstance(e, identity.AccountOpened | identity.RightsChanged))
    return Account(
        rights.account, rights.name, rights.rights.role, NOON, rights.rights.institutions, rights.rights.districts
    ).principal()
