"""Web Push without a library: VAPID (RFC 8292) and the encryption of a message (RFC 8291, aes128gcm of RFC 8188).

The usual library brings two HTTP clients of its own into memory; the whole of it is these few lines.
"""

import base64
import json

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDH,
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    derive_private_key,
)
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

RECORD = 4096
OVERHEAD = 16 + 4 + 1 + 65 + 1 + 16
"""What encryption adds: salt, record size, length of the key, the key, the end of the record, its tag."""


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    """Raises ValueError."""
    return base64.b64decode(text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4), validate=True)


def private_key(text: str) -> EllipticCurvePrivateKey:
    """From PEM, or the 32 bytes in base64url. Raises ValueError."""
    try:
        if "-----BEGIN" not in text:
            return derive_private_key(int.from_bytes(unb64(text.strip()), "big"), SECP256R1())
        key = load_pem_private_key(text.encode(), None)
    except (TypeError, UnsupportedAlgorithm) as error:
        raise ValueError("not a key without a password") from error
    if not isinstance(key, EllipticCurvePrivateKey) or not isinstance(key.curve, SECP256R1):
        raise ValueError("not a key on P-256")
    return key


def point(key: EllipticCurvePrivateKey) -> bytes:
    """The public key, 65 bytes; in base64url it is what a browser calls applicationServerKey."""
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def vapid(key: EllipticCurvePrivateKey, audience: str, subject: str, until: int) -> str:
    """The header `Authorization` for one push service (`audience`: its origin), valid until that Unix time."""
    claims = {"aud": audience, "exp": until, "sub": subject}
    said = ".".join(b64(json.dumps(part, separators=(",", ":")).encode()) for part in (_ALGORITHM, claims))
    r, s = decode_dss_signature(key.sign(said.encode(), ECDSA(SHA256())))
    return f"vapid t={said}.{b64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}, k={b64(point(key))}"


_ALGORITHM = {"typ": "JWT", "alg": "ES256"}


def encrypted(plain: bytes, browser: bytes, auth: bytes, own: EllipticCurvePrivateKey, salt: bytes) -> bytes:
    """`browser` is its public key, `auth` its secret; `own` and `salt` (16 bytes) are new for every message.

    Raises ValueError where the browser's key is none.
    """
    shared = own.exchange(ECDH(), EllipticCurvePublicKey.from_encoded_point(SECP256R1(), browser))
    secret = _derived(shared, auth, b"WebPush: info\0" + browser + point(own), 32)
    key = _derived(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derived(secret, salt, b"Content-Encoding: nonce\0", 12)
    head = salt + RECORD.to_bytes(4, "big") + bytes([65]) + point(own)
    return head + AESGCM(key).encrypt(nonce, plain + b"\x02", None)


def _derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt, info).derive(secret)
