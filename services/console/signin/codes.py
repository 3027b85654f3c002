"""The second factor: codes of an authenticator app (TOTP, RFC 6238), and recovery codes for when the phone is gone."""

import base64
from hashlib import blake2b
from secrets import choice
from typing import Final

import pyotp

from chassis.vault import Unreadable, Vault
from services.console.accounts.model import account_id

ISSUER: Final = "医保服务台"
_RECOVERY_CODES: Final = 10
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_DIGITS: Final = 6


class Codes:
    """`key` is the desk's: secrets are sealed with it, recovery codes kept as hashes that nobody can guess back."""

    def __init__(self, key: bytes) -> None:
        self._vault = Vault(key)
        self._pepper = blake2b(b"recovery codes", key=key, digest_size=32).digest()

    def new_secret(self, account: str) -> str:
        """Sealed."""
        return self.seal(account, pyotp.random_base32())

    def seal(self, account: str, secret: str) -> str:
        return base64.b64encode(self._vault.seal(account_id(account), secret)).decode()

    def open(self, account: str, sealed: str) -> str:
        """Raises Unreadable."""
        return self._vault.open(account_id(account), base64.b64decode(sealed))

    def uri(self, account: str, sealed: str) -> str:
        """What an app scans."""
        return pyotp.TOTP(self.open(account, sealed)).provisioning_uri(name=account, issuer_name=ISSUER)

    def is_good(self, account: str, sealed: str, code: str) -> bool:
        """Whether it is the code of now, or of half a minute before or after: telephones' clocks differ."""
        if not sealed or len(code) != _DIGITS or not (code.isascii() and code.isdigit()):
            return False
        try:
            return pyotp.TOTP(self.open(account, sealed)).verify(code, valid_window=1)
        except (Unreadable, ValueError):  # it comes out of a form: anything may be in it
            return False

    def hash(self, account: str, recovery: str) -> str:
        """As typed: without regard to case and dashes."""
        plain = recovery.replace("-", "").casefold()
        return blake2b(f"{account}\x1f{plain}".encode(), key=self._pepper, digest_size=16).hexdigest()


def recovery_codes() -> list[str]:
    """Ten, of 49 random bits each."""
    return [f"{_five()}-{_five()}" for _ in range(_RECOVERY_CODES)]


def qr(uri: str) -> str:
    """As SVG, without styles of its own: the pages' policy allows none."""
    import segno  # whoever sets up a second factor needs it, once

    return segno.make(uri).svg_inline(scale=5, border=2, svgclass="qr", lineclass=None)


def _five() -> str:
    return "".join(choice(_LETTERS) for _ in range(5))
