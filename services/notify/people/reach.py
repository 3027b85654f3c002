"""By which providers somebody is reached and at which address: as they have set it, else as the directory has it.

Addresses are kept sealed; they are opened at the moment of the hand-over and are never logged.
"""

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from contracts.channel import Channel
from contracts.directory import Identity
from contracts.envelope import derive_id
from contracts.notify import Urgency
from contracts.setting import Recipient
from services.notify.people.matching import is_at_least

if TYPE_CHECKING:
    from chassis.vault import Vault

CHANNEL_OF: Mapping[str, Channel] = {"email": "email", "sms": "phone"}
"""Kinds of providers whose addresses the directory has, and by which channel's account they send."""
_BESIDE_DIGITS = re.compile(r"[\s\-‐-―()（）.]+")


def ways(
    wished: Recipient | None, identities: Sequence[Identity], urgency: Urgency, providers: Mapping[str, str]
) -> tuple[str, ...]:
    """Names of providers. Whoever has set no endpoint has what the directory knows: what is urgent goes by telephone
    first, anything else by mail.
    """
    if wished is not None and wished.endpoints:
        fit = (e.provider for e in wished.endpoints if is_at_least(urgency, e.at_least))
        return tuple(provider for provider in fit if provider in providers)
    kinds = ("sms", "email") if is_at_least(urgency, "high") else ("email", "sms")
    has = {i.channel for i in identities}
    return tuple(name for k in kinds if CHANNEL_OF[k] in has for name, kind in providers.items() if kind == k)


def address(
    key: str, wished: Recipient | None, identities: Sequence[Identity], provider: str, kind: str, vault: "Vault"
) -> str | None:
    """In clear; "" where the provider needs none, None where none is known or it was sealed with another key."""
    if wished is not None and wished.endpoints:
        found = next((e for e in wished.endpoints if e.provider == provider), None)
        if found is None or found.sealed:
            return _opened(vault, context(key, provider), found.sealed) if found else None
        if kind not in CHANNEL_OF:
            return ""
    one = next((i for i in identities if i.channel == CHANNEL_OF.get(kind)), None)
    clear = _opened(vault, one.key, one.sealed) if one else None
    return _BESIDE_DIGITS.sub("", clear) if clear and kind == "sms" else clear


def context(key: str, provider: str) -> UUID:
    """What a saved address is bound to: it opens for this recipient and this provider only."""
    return derive_id("endpoint", key, provider)


def sealed(vault: "Vault", key: str, provider: str, clear: str) -> str:
    """An address as it may be stored."""
    return base64.b64encode(vault.seal(context(key, provider), clear)).decode()


def _opened(vault: "Vault", bound_to: UUID, text: str) -> str | None:
    from chassis.vault import Unreadable

    try:
        return vault.open(bound_to, base64.b64decode(text, validate=True))
    except (Unreadable, binascii.Error):
        return None
