"""The vendor's side of a WeCom callback, written from the scheme alone and sharing no code with the desk."""

import base64
import hashlib
import os
from urllib.parse import urlencode

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

TOKEN, KEY, CORP = "QDG6eK", "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ", "ww1"


def sealed(message: str | bytes, receiver: str = CORP, key: str = KEY) -> str:
    """Encrypted as the vendor does it."""
    raw = message.encode() if isinstance(message, str) else message
    aes = base64.b64decode(key + "=")
    plain = os.urandom(16) + len(raw).to_bytes(4, "big") + raw + receiver.encode()
    pad = 32 - len(plain) % 32
    writer = Cipher(AES(aes), CBC(aes[:16])).encryptor()
    return base64.b64encode(writer.update(plain + bytes([pad]) * pad) + writer.finalize()).decode()


def signed(encrypted: str, timestamp: int, nonce: str = "n1", token: str = TOKEN) -> str:
    """The query of a callback."""
    parts = sorted([token, str(timestamp), nonce, encrypted])
    signature = hashlib.sha1("".join(parts).encode()).hexdigest()
    return urlencode({"msg_signature": signature, "timestamp": timestamp, "nonce": nonce})


def envelope(encrypted: str) -> str:
    """The outer XML."""
    return f"<xml><ToUserName><![CDATA[{CORP}]]></ToUserName><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"


def xml(
    kind: str = "text", message_id: str = "7301", at: int = 1795327200, sender: str = "zhangsan", **more: str
) -> str:
    """A message to an application."""
    fields = {
        "ToUserName": CORP, "FromUserName": sender, "CreateTime": str(at), "MsgType": kind, "MsgId": message_id,
        "AgentID": "1000002", **more,
    }  # fmt: skip
    return "<xml>" + "".join(f"<{k}><![CDATA[{v}]]></{k}>" for k, v in fields.items() if v) + "</xml>"
