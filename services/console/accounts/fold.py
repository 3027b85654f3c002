"""The pure core of accounts: one account, one command, one moment. Each change is also noted for the audit."""

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from chassis.errors import NotFound, Refused
from chassis.message import Moment
from contracts import identity as said
from contracts.audit import ActNoted
from contracts.envelope import Event
from contracts.identity import TITLES, AccountCommand, Rights
from services.console.accounts.model import Account, Key, problem_of

Folded = tuple[Account, Sequence[Event]]
_OWN = (said.ChangeRights, said.DisableAccount, said.EnableAccount)


def fold(account: Account | None, moment: Moment) -> Folded:
    """Raises NotFound, and Refused for what is there already, was used up, or somebody wishes for himself."""
    command = moment.message.body
    if isinstance(command, said.OpenAccount):
        return _open(account, moment, command)
    assert isinstance(command, AccountCommand)
    if account is None:
        raise NotFound("not_found", f"没有账户 {command.account}: 请核对账号, 或先新建")
    if isinstance(command, _OWN) and command.actor.id == command.account:
        raise Refused("own_rights", "不能修改、停用自己的账户权限: 请由另一位管理员操作")
    match command:
        case said.ChangeRights():
            return _change_rights(account, moment, command)
        case said.SetPassword():
            return _set_password(account, moment, command)
        case said.SetFactor() | said.RemoveFactor() | said.UseRecovery():
            return _factor(account, moment, command)
        case said.DisableAccount() | said.EnableAccount():
            return _switch(account, moment, command)
        case said.LinkSubject():
            event = moment.event(said.SubjectLinked, account=account.account, subject=command.subject)
            return replace(account, subject=command.subject), _noted(moment, account, event, "关联统一身份认证")
        case said.IssueKey() | said.RevokeKey():
            return _key(account, moment, command)
    raise Refused("unknown_command", f"不认识的命令 {command.type}")


def _open(account: Account | None, moment: Moment, command: said.OpenAccount) -> Folded:
    if account is not None:
        raise Refused("exists", f"账户 {command.account} 已存在: 请换一个账号, 或修改已有账户")
    _check(command.rights)
    facts: dict[str, Any] = {"account": command.account}
    event = moment.event(
        said.AccountOpened, name=command.name, rights=command.rights, subject=command.subject, **facts
    )  # fmt: skip
    opened = Account(
        command.account, command.name, command.rights.role, moment.now, command.rights.institutions,
        command.rights.districts, subject=command.subject,
    )  # fmt: skip
    events = _noted(moment, opened, event, f"新建账户: {_worded(command.rights)}")
    if not command.password:
        return opened, events
    password = {"password": command.password, "expires_at": command.expires_at}
    return replace(opened, **password), [*events, moment.event(said.PasswordSet, **facts, **password)]


def _change_rights(account: Account, moment: Moment, command: said.ChangeRights) -> Folded:
    _check(command.rights)
    changed = replace(account, name=command.name, epoch=account.epoch + 1, **dict(command.rights))
    event = moment.event(
        said.RightsChanged, account=account.account, name=command.name, rights=command.rights
    )  # fmt: skip
    return changed, _noted(moment, changed, event, f"修改权限: {_worded(command.rights)}")


def _set_password(account: Account, moment: Moment, command: said.SetPassword) -> Folded:
    facts = {"password": command.password, "expires_at": command.expires_at}
    event = moment.event(said.PasswordSet, account=account.account, **facts)
    changed = replace(account, epoch=account.epoch + 1, **facts)
    return changed, _noted(moment, account, event, "重置密码" if command.expires_at else "修改密码")


def _factor(
    account: Account, moment: Moment, command: said.SetFactor | said.RemoveFactor | said.UseRecovery
) -> Folded:  # fmt: skip
    facts: dict[str, Any] = {"account": account.account}
    match command:
        case said.SetFactor():
            event: Event = moment.event(
                said.FactorSet, factor=command.factor, recovery=command.recovery, **facts
            )  # fmt: skip
            changed = replace(account, factor=command.factor, recovery=command.recovery)
            return changed, _noted(moment, account, event, "设置动态口令")
        case said.RemoveFactor():
            event = moment.event(said.FactorRemoved, **facts)
            changed = replace(account, factor="", recovery=(), epoch=account.epoch + 1)
            return changed, _noted(moment, account, event, "取消动态口令")
    if command.recovery not in account.recovery:
        raise Refused("wrong_code", "恢复码不正确, 或已经用过")
    left = tuple(code for code in account.recovery if code != command.recovery)
    event = moment.event(said.RecoveryUsed, recovery=command.recovery, **facts)
    return replace(account, recovery=left), _noted(moment, account, event, f"使用恢复码, 还剩 {len(left)} 个")


def _switch(account: Account, moment: Moment, command: said.DisableAccount | said.EnableAccount) -> Folded:
    disabled = isinstance(command, said.DisableAccount)
    if account.disabled == disabled:
        return account, []
    if isinstance(command, said.DisableAccount):
        event: Event = moment.event(said.AccountDisabled, account=account.account, reason=command.reason)
        words = f"停用账户: {command.reason or '未写原因'}"
    else:
        event, words = moment.event(said.AccountEnabled, account=account.account), "启用账户"
    return replace(account, disabled=disabled, epoch=account.epoch + 1), _noted(moment, account, event, words)


def _key(account: Account, moment: Moment, command: said.IssueKey | said.RevokeKey) -> Folded:
    found = next((key for key in account.keys if key.id == command.key), None)
    others = tuple(key for key in account.keys if key.id != command.key)
    if isinstance(command, said.RevokeKey):
        if found is None:
            raise NotFound("not_found", f"没有密钥 {command.key}: 可能已经吊销, 请刷新页面")
        event: Event = moment.event(said.KeyRevoked, account=account.account, key=command.key)
        return replace(account, keys=others), _noted(moment, account, event, f"吊销接口密钥: {found.label}")
    if found is not None:
        raise Refused("exists", "已有同名的密钥: 请重新签发")
    key = Key(command.key, command.secret, command.label, moment.now, command.expires_at)
    event = moment.event(
        said.KeyIssued, account=account.account, key=key.id, secret=key.secret, label=key.label,
        expires_at=key.expires_at,
    )  # fmt: skip
    return replace(account, keys=(*others, key)), _noted(moment, account, event, f"签发接口密钥: {key.label}")


def _check(rights: Rights) -> None:
    if problem := problem_of(rights):
        raise Refused("not_consistent", problem)


def _noted(moment: Moment, account: Account, event: Event, words: str) -> list[Event]:
    """The event, and the same for the audit, in the words that auditors read."""
    command = moment.message.body
    assert isinstance(command, AccountCommand)
    note = moment.event(
        ActNoted, act="rights_changed", service="console", object=account.account, detail=words,
        address=command.address, institution_code=next(iter(account.institutions), ""),
    )  # fmt: skip
    return [event, note]


def _worded(rights: Rights) -> str:
    return " ".join(filter(None, (TITLES[rights.role], *rights.institutions, *rights.districts)))[:400]
