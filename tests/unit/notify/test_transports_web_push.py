"""Web Push against the example of RFC 8291, and what the page's worker is given."""

import json

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import CannotStart
from services.notify.providers.kinds import WebPush
from services.notify.transports.web_push import BYTES, payload, public_key
from services.notify.transports.web_push_crypto import OVERHEAD, b64, encrypted, point, private_key, unb64
from tests.support.providers.browser import VAPID_KEY, Browser
from tests.unit.notify.test_transports_words import letter

# RFC 8291, appendix A
PLAIN = b"When I grow up, I want to be a watermelon"
OWN = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
BROWSER = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH, SALT = "BTBZMqHH6r4Tts7J_aSIgg", "DGv6ra1nlYgDCS1FRnbzlw"
SEALED = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6"
    "cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)


def config(key: str = VAPID_KEY) -> WebPush:
    return WebPush(kind="web_push", private_key=key, subject="mailto:desk@yibao.example")


def test_the_example_of_the_rfc_is_encrypted_to_the_byte() -> None:
    assert b64(encrypted(PLAIN, unb64(BROWSER), unb64(AUTH), private_key(OWN), unb64(SALT))) == SEALED


def test_the_fake_browser_reads_what_was_encrypted_for_it_alone() -> None:
    browser, other, own = Browser(), Browser(), ec.generate_private_key(ec.SECP256R1())
    keys = {name: unb64(value) for name, value in browser.keys.items()}
    sealed = encrypted("正文".encode(), keys["p256dh"], keys["auth"], own, bytes(16))
    assert browser.read(sealed).decode() == "正文"
    with pytest.raises(InvalidTag):
        other.read(sealed)


def test_a_key_may_be_pem_or_base64url() -> None:
    raw = private_key(VAPID_KEY)
    pem = raw.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    assert public_key(config(pem)) == public_key(config()) == b64(point(raw))


@pytest.mark.parametrize("key", ["?", "AAAA" * 20, "-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----", "AA"])
def test_a_key_that_is_none_stops_the_start_without_being_shown(key: str) -> None:
    if key == "AA":
        key = b64(bytes(32))
    with pytest.raises(CannotStart, match="private_key") as error:
        public_key(config(key))
    assert key not in str(error.value)


@given(st.text(max_size=6000), st.text(max_size=200))
def test_any_letter_fits_into_one_record(body: str, title: str) -> None:
    said = payload(letter(body=body, title=title, link="https://desk.example/a/" + "x" * 200))
    assert len(said) + OVERHEAD <= BYTES
    assert json.loads(said)["link"].endswith("x" * 200)
