"""The envelope of WeCom callbacks, against a vector made with openssl and sha1sum and an encoder of its own."""

import base64
import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.channels.reading import BadPayload
from services.intake.channels.wecom.crypto import WINDOW, Envelope, Forged, is_plain_signature
from tests.support.wecom import CORP, KEY, TOKEN, sealed

AT = datetime.fromtimestamp(1795327200, UTC)
ENCRYPTED = (
    "B4PcXgtThYsrOQnzxvXRUMkAfVL6jNnc8M0PMgWkv23cZPKjtA5HAqkcjI4losKEbCbnGhV6pY+oeuNCXodykgfNAuv6k07JwaBGwP5bZT+Xf7P+"
    "bZ3aucoqANzIhE5s/2FhtrCYSJmAKPYEA4xYeESPWWK5WSRARYtiGZbdOvndx4F7+bDXFwyLUOrFN9IGnl1YBjwDRi0v7CDfI1oGuepf3vzkQ2jf"
    "N9eVa2n8sQ/s619nfnj3WT7TJOIH3q5rwfupn+Pjq7RqKeQpMa8CPc3AmsLqhB/jVyt36Znt+I2TsdXrM4NCRQOUTMHxS/xeJhLYVl+nlt6tCetc"
    "/+UXJ3ewnYfEU1Aj/XIvJ+GVoT2kkq4O3lTbyo8inTGihUv8IfI6LMUd8VCRzDXS1/eg6i+JmamYp1rnPyYaDv5Y9LM="
)
SIGNATURE = "bc76c60b43023adcd2388af319083dc871c915ce"


def envelope(receiver: str = CORP) -> Envelope:
    return Envelope(TOKEN, KEY, (receiver,))


def test_a_vector_of_openssl_is_opened() -> None:
    envelope().check(SIGNATURE, "1795327200", "372623", ENCRYPTED, AT)
    assert "2207 报错：交易超时" in envelope().open(ENCRYPTED).decode()


@pytest.mark.parametrize("changed", ["signature", "timestamp", "nonce", "body"])
def test_whatever_is_changed_breaks_the_signature(changed: str) -> None:
    parts = {"signature": SIGNATURE, "timestamp": "1795327200", "nonce": "372623", "body": ENCRYPTED}
    parts[changed] = parts[changed][:-1] + ("1" if parts[changed][-1] != "1" else "2")
    with pytest.raises(Forged, match="签名不符"):
        envelope().check(parts["signature"], parts["timestamp"], parts["nonce"], parts["body"], AT)


@pytest.mark.parametrize("drift", [WINDOW + timedelta(seconds=1), -WINDOW - timedelta(seconds=1)])
def test_a_callback_from_outside_the_window_is_refused(drift: timedelta) -> None:
    with pytest.raises(Forged, match="5 分钟"):
        envelope().check(SIGNATURE, "1795327200", "372623", ENCRYPTED, AT + drift)


def test_a_message_for_another_enterprise_is_refused() -> None:
    with pytest.raises(Forged, match="corp_id"):
        envelope("ww2").open(ENCRYPTED)


def test_a_message_under_another_key_is_refused() -> None:
    with pytest.raises(Forged, match=r"encoding_aes_key|corp_id"):
        envelope().open(sealed("x", key="Q" * 42 + "A"))


@pytest.mark.parametrize("key", ["", "short", "*" * 43, KEY + "AAAA"])
def test_a_key_that_is_not_the_vendors_form_is_refused_at_the_start(key: str) -> None:
    with pytest.raises(ValueError, match="43"):
        Envelope(TOKEN, key, (CORP,))


def test_what_was_accepted_is_known_until_its_time_stamp_cannot_pass_any_more() -> None:
    ours = envelope()
    assert not ours.is_replay("s", "n")
    ours.accepted("s", "n", AT)
    assert ours.is_replay("s", "n") and not ours.is_replay("s", "other")
    ours.accepted("t", "n", AT + 2 * WINDOW + timedelta(seconds=1))
    assert not ours.is_replay("s", "n") and ours.is_replay("t", "n")


def test_the_check_of_an_official_account_needs_its_token() -> None:
    good = hashlib.sha1("".join(sorted([TOKEN, "1", "2"])).encode()).hexdigest()
    assert is_plain_signature(TOKEN, good, "1", "2")
    assert not is_plain_signature("other", good, "1", "2")


@given(st.binary(max_size=500))
def test_whatever_is_sealed_is_opened_again(message: bytes) -> None:
    assert envelope().open(sealed(message)) == message


@given(st.one_of(st.text(max_size=200), st.binary(max_size=200).map(lambda b: base64.b64encode(b).decode())))
def test_arbitrary_cipher_text_is_refused_and_nothing_else(encrypted: str) -> None:
    with pytest.raises((Forged, BadPayload)):
        envelope().open(encrypted)


@given(st.text(max_size=60), st.text(max_size=20), st.text(max_size=20), st.text(max_size=60))
def test_arbitrary_queries_are_refused_and_nothing_else(signature: str, at: str, nonce: str, body: str) -> None:
    with pytest.raises(Forged):
        envelope().check(signature, at, nonce, body, AT)
