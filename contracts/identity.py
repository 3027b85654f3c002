"""Who may sign in (账户), as what, and for which institutions. No event has a password or a secret in clear."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from contracts.envelope import Command, Contract, Event

Role = Literal["engineer", "lead", "officer", "hospital", "auditor", "ops", "admin"]

TITLES: dict[Role, str] = {
    "engineer": "工程师",
    "lead": "组长",
    "officer": "中心经办",
    "hospital": "医院",
    "auditor": "审计",
    "ops": "运维",
    "admin": "管理员",
}
"""Each role in the words that staff read."""

AccountName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{1,59}$")]
KeyName = Annotated[str, Field(pattern=r"^[a-z0-9]{8,20}$")]
Code = Annotated[str, Field(min_length=1, max_length=40)]
Reason = Annotated[str, Field(max_length=200)]
Secret = Annotated[str, Field(max_length=2_000)]
"""A hash, or sealed with the desk's key (base64)."""


class Rights(Contract):
    """What an account may do: its role, for these institutions (a hospital's account) or in these districts (an
    officer's; none: all of them).
    """

    role: Role
    institutions: Annotated[tuple[Code, ...], Field(max_length=200)] = ()
    districts: Annotated[tuple[Code, ...], Field(max_length=200)] = ()


class AccountEvent(Event):
    account: AccountName


class AccountOpened(AccountEvent):
    """`subject` is who it is to the office's own sign-in (OpenID Connect), where that is known."""

    type: Literal["identity.opened"] = "identity.opened"
    name: Annotated[str, Field(min_length=1, max_length=100)]
    rights: Rights
    subject: Annotated[str, Field(max_length=500)] = ""


class RightsChanged(AccountEvent):
    type: Literal["identity.rights_changed"] = "identity.rights_changed"
    name: Annotated[str, Field(min_length=1, max_length=100)]
    rights: Rights


class PasswordSet(AccountEvent):
    """`password` is its Argon2 hash. With `expires_at` it is good for one sign-in until then, to choose another."""

    type: Literal["identity.password_set"] = "identity.password_set"
    password: Secret
    expires_at: AwareDatetime | None = None


class FactorSet(AccountEvent):
    """The secret of an authenticator app (TOTP), sealed, and the hashes of the codes to be used without it."""

    type: Literal["identity.factor_set"] = "identity.factor_set"
    factor: Secret
    recovery: Annotated[tuple[Secret, ...], Field(max_length=20)] = ()


class FactorRemoved(AccountEvent):
    type: Literal["identity.factor_removed"] = "identity.factor_removed"


class RecoveryUsed(AccountEvent):
    """A recovery code, by its hash; it is used up."""

    type: Literal["identity.recovery_used"] = "identity.recovery_used"
    recovery: Secret


class AccountDisabled(AccountEvent):
    type: Literal["identity.disabled"] = "identity.disabled"
    reason: Reason = ""


class AccountEnabled(AccountEvent):
    type: Literal["identity.enabled"] = "identity.enabled"


class SubjectLinked(AccountEvent):
    type: Literal["identity.linked"] = "identity.linked"
    subject: Annotated[str, Field(min_length=1, max_length=500)]


class KeyIssued(AccountEvent):
    """A key with which a machine asks for tokens; `secret` is the hash of it."""

    type: Literal["identity.key_issued"] = "identity.key_issued"
    key: KeyName
    secret: Secret
    label: Annotated[str, Field(min_length=1, max_length=100)]
    expires_at: AwareDatetime | None = None


class KeyRevoked(AccountEvent):
    type: Literal["identity.key_revoked"] = "identity.key_revoked"
    key: KeyName


class AccountCommand(Command):
    """`address` is where the wish came from, as the desk's door saw it."""

    account: AccountName
    address: Annotated[str, Field(max_length=64)] = ""


class OpenAccount(AccountCommand):
    """Without a `password` its person comes by the office's own sign-in only."""

    type: Literal["identity.command.open"] = "identity.command.open"
    name: Annotated[str, Field(min_length=1, max_length=100)]
    rights: Rights
    password: Secret = ""
    expires_at: AwareDatetime | None = None
    subject: Annotated[str, Field(max_length=500)] = ""


class ChangeRights(AccountCommand):
    type: Literal["identity.command.change_rights"] = "identity.command.change_rights"
    name: Annotated[str, Field(min_length=1, max_length=100)]
    rights: Rights


class SetPassword(AccountCommand):
    type: Literal["identity.command.set_password"] = "identity.command.set_password"
    password: Annotated[Secret, Field(min_length=1)]
    expires_at: AwareDatetime | None = None


class SetFactor(AccountCommand):
    type: Literal["identity.command.set_factor"] = "identity.command.set_factor"
    factor: Annotated[Secret, Field(min_length=1)]
    recovery: Annotated[tuple[Secret, ...], Field(max_length=20)] = ()


class RemoveFactor(AccountCommand):
    type: Literal["identity.command.remove_factor"] = "identity.command.remove_factor"


class UseRecovery(AccountCommand):
    type: Literal["identity.command.use_recovery"] = "identity.command.use_recovery"
    recovery: Secret


class DisableAccount(AccountCommand):
    type: Literal["identity.command.disable"] = "identity.command.disable"
    reason: Reason = ""


class EnableAccount(AccountCommand):
    type: Literal["identity.command.enable"] = "identity.command.enable"


class LinkSubject(AccountCommand):
    type: Literal["identity.command.link"] = "identity.command.link"
    subject: Annotated[str, Field(min_length=1, max_length=500)]


class IssueKey(AccountCommand):
    type: Literal["identity.command.issue_key"] = "identity.command.issue_key"
    key: KeyName
    secret: Annotated[Secret, Field(min_length=1)]
    label: Annotated[str, Field(min_length=1, max_length=100)]
    expires_at: AwareDatetime | None = None


class RevokeKey(AccountCommand):
    type: Literal["identity.command.revoke_key"] = "identity.command.revoke_key"
    key: KeyName
