"""Accounts as staff write them (a number, an openid, a mailbox) become identities, which nobody can read back.

What has to be called or written to by hand, a phone or a mailbox, is kept too, sealed: see `reveal` in the API.
"""

import base64
import re
from uuid import UUID

from chassis.personal.masking import mask_id
from chassis.vault import Vault
from contracts.channel import Channel
from contracts.directory import Identity

_BY_HAND = ("phone", "email")
_BESIDE_DIGITS = re.compile(r"[\s\-‐-―()（）.]+")
_CHINA = re.compile(r"^(?:\+86|0086|86(?=1[3-9]\d{9}$))")


def plain(channel: Channel, account: str) -> str:
    """The one way to write an account: a phone without separators and country, a mailbox in small letters."""
    account = account.strip()
    if channel == "phone":
        return _CHINA.sub("", _BESIDE_DIGITS.sub("", account)) or account
    return account.casefold() if channel == "email" else account


def identity_key(vault: Vault, channel: Channel, account: str) -> UUID:
    """The id of an account, by which the directory knows it and a case its requester."""
    return vault.identity(channel, plain(channel, account))


def identity(vault: Vault, channel: Channel, account: str) -> Identity:
    """The account as it may be stored."""
    key = identity_key(vault, channel, account)
    sealed = base64.b64encode(vault.seal(key, account.strip())).decode() if channel in _BY_HAND else ""
    return Identity(channel=channel, key=key, shown=_shown(account.strip()), sealed=sealed)


def revealed(vault: Vault, kept: Identity) -> str:
    """The account itself. Raises Unreadable when it was sealed with another key."""
    return vault.open(kept.key, base64.b64decode(kept.sealed))


def _shown(account: str) -> str:
    """Masked; what only the channel understands, such as an openid, is no more than recognisable."""
    masked = mask_id(account)
    return masked if masked != account or len(account) < 12 else f"{account[:4]}…{account[-4:]}"
