"""The envelope of WeCom and WeChat callbacks: signature, AES, receiver, and what was seen before.

The scheme is the vendor's: SHA-1 over the sorted token, time stamp, nonce and cipher text; AES-256-CBC whose IV is the
key's first half, padded to blocks of 32; inside 16 random bytes, a length, the message and the receiver's id.
"""

import base64
import binascii
import hmac
from collections import OrderedDict
from collections.abc import Collection
from datetime import datetime, timedelta
from hashlib import sha1

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from services.intake.channels.reading import BadPayload

WINDOW = timedelta(minutes=5)
MOST_SEEN = 20_000  # signatures within the window: 60 callbacks a second
_BLOCK, _AES_BLOCK, _RANDOM, _LENGTH = 32, 16, 16, 4


class Forged(Exception):
    """Not from the vendor, not for us, or not from now; the Chinese reason says what to check."""


class Envelope:
    """Opens callbacks signed with one token and key. Raises ValueError when the key is not the vendor's form."""

    def __init__(self, token: str, encoding_aes_key: str, receivers: Collection[str]) -> None:
        try:
            self._key = base64.b64decode(encoding_aes_key + "=", validate=True)
        except binascii.Error:
            self._key = b""
        if len(self._key) != 32:
            raise ValueError("EncodingAESKey 应为 43 位字母和数字: 请从管理后台重新复制")
        self._token, self._receivers = token, tuple(receivers)
        self._seen: OrderedDict[str, datetime] = OrderedDict()

    def check(self, signature: str, timestamp: str, nonce: str, encrypted: str, now: datetime) -> None:
        """Raises Forged when the signature is wrong or older than the window."""
        signed = _signature(self._token, timestamp, nonce, encrypted)
        if not hmac.compare_digest(signed.encode(), signature.encode(errors="replace")):
            raise Forged("签名不符: 请核对 channels.yaml 中的 token 与管理后台是否一致")
        if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
            raise Forged("时间戳无效: 请检查转发回调的代理")
        if abs(now.timestamp() - int(timestamp)) > WINDOW.total_seconds():
            raise Forged("时间戳与本机相差超过 5 分钟: 请校准时钟, 或这是一次重放")

    def open(self, encrypted: str) -> bytes:
        """The message inside. Raises Forged when it was not sealed with our key or is for somebody else."""
        message, receiver = _unpack(_decrypt(self._key, encrypted))
        if receiver not in self._receivers:
            raise Forged("接收方不是本企业: 请核对 channels.yaml 中的 corp_id")
        return message

    def is_replay(self, signature: str, nonce: str) -> bool:
        """Whether this very callback was accepted before."""
        return f"{signature}:{nonce}" in self._seen

    def accepted(self, signature: str, nonce: str, now: datetime) -> None:
        """Remember a callback as long as its time stamp could still pass."""
        self._seen[f"{signature}:{nonce}"] = now
        while self._seen and (len(self._seen) > MOST_SEEN or next(iter(self._seen.values())) < now - 2 * WINDOW):
            self._seen.popitem(last=False)


def is_plain_signature(token: str, signature: str, timestamp: str, nonce: str) -> bool:
    """The check that a WeChat official account (公众号) makes once, when its callback address is saved."""
    return hmac.compare_digest(_signature(token, timestamp, nonce).encode(), signature.encode(errors="replace"))


def _signature(*parts: str) -> str:
    return sha1("".join(sorted(parts)).encode(errors="replace"), usedforsecurity=False).hexdigest()


def _decrypt(key: bytes, encrypted: str) -> bytes:
    try:
        cipher_text = base64.b64decode(encrypted, validate=True)
    except (binascii.Error, ValueError):
        raise BadPayload("密文不是 Base64: 请检查转发回调的代理是否改动了正文") from None
    if not cipher_text or len(cipher_text) % _AES_BLOCK:
        raise BadPayload("密文长度不对: 请检查转发回调的代理是否改动了正文")
    # The cipher is the vendor's; what authenticates the message is the signature, checked before.
    opener = Cipher(AES(key), CBC(key[:_AES_BLOCK])).decryptor()
    return opener.update(cipher_text) + opener.finalize()


def _unpack(padded: bytes) -> tuple[bytes, str]:
    wrong = Forged("无法解密: 请核对 channels.yaml 中的 encoding_aes_key 与管理后台是否一致")
    pad = padded[-1]
    if not 1 <= pad <= _BLOCK or padded[-pad:] != bytes([pad]) * pad:
        raise wrong
    content = padded[_RANDOM:-pad]
    length = int.from_bytes(content[:_LENGTH])
    if len(content) < _LENGTH + length:
        raise wrong
    try:
        return content[_LENGTH : _LENGTH + length], content[_LENGTH + length :].decode()
    except UnicodeDecodeError:
        raise wrong from None
