"""Encryption of what must not be readable in the database: originals of messages, addresses to reply to.

AES-256-GCM with a nonce derived from key, context and text, so that a message that comes again is sealed to the
same bytes; two different texts never share a nonce. The context (the record's id) is authenticated, so that sealed
texts cannot be exchanged between records.
"""

import base64
import os
from contextlib import suppress
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:  # takes 8 MB: only a process that seals or opens has them
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_KEY_BYTES, _NONCE_BYTES = 32, 12


class Unreadable(Exception):
    """Sealed with another key, or changed since."""


class Vault:
    """Seals and opens texts, and turns accounts into ids that nobody can guess back. Raises ValueError on a bad key."""

    def __init__(self, key: bytes) -> None:
        if len(key) != _KEY_BYTES:
            raise ValueError(
                f"YIBAO_SECRET_KEY 应为 32 字节的 base64, 实为 {len(key)} 字节: 请用 openssl rand -base64 32 生成"
            )
        self._key = key
        self._nonces = blake2b(b"nonce", key=key, digest_size=32).digest()
        self._pepper = blake2b(b"identity", key=key, digest_size=32).digest()

    @cached_property
    def _cipher(self) -> "AESGCM":
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        return AESGCM(self._key)

    def seal(self, context: UUID, text: str) -> bytes:
        plain = text.encode()
        nonce = blake2b(context.bytes + plain, key=self._nonces, digest_size=_NONCE_BYTES).digest()
        return nonce + self._cipher.encrypt(nonce, plain, context.bytes)

    def open(self, context: UUID, sealed: bytes) -> str:
        """Raises Unreadable."""
        from cryptography.exceptions import InvalidTag

        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], context.bytes).decode()
        except InvalidTag:
            raise Unreadable("原文无法解密: 密钥已更换, 或数据被改动") from None

    def identity(self, channel: str, account: str) -> UUID:
        """The same account gives the same id; without the key the id says nothing, be it a phone number."""
        digest = blake2b(f"{channel}\x1f{account}".encode(), key=self._pepper, digest_size=16).digest()
        return UUID(bytes=digest, version=5)


def load_key(configured: str, directory: Path) -> bytes:
    """The configured key, or the one kept in `directory`, made when there is none. Raises ValueError on a bad one."""
    if configured:
        return base64.b64decode(configured, validate=True)
    path = directory / "secret.key"
    if not path.exists():
        directory.mkdir(parents=True, exist_ok=True)
        _make_key(path)
    return base64.b64decode(path.read_bytes(), validate=True)


def fingerprint(key: bytes) -> str:
    """The same for the same key; says nothing about it."""
    return blake2b(b"yibao vault fingerprint", key=key, digest_size=16).hexdigest()


def _make_key(path: Path) -> None:
    # Linked when it is complete: of processes that start together one makes the key, and none reads half of it.
    with NamedTemporaryFile(dir=path.parent, prefix="secret.") as file:  # only the owner may read it
        file.write(base64.b64encode(os.urandom(_KEY_BYTES)))
        file.flush()
        with suppress(FileExistsError):
            os.link(file.name, path)
