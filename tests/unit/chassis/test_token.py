"""Tokens: what was signed is read back, by us and by a library of the standard; nothing else is taken for one."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey
from msgspec.structs import replace

from chassis.token import LIVES_S, LONGEST, NotSigned, Principal, Signer, bearer, claims_of
from contracts.identity import Role

KEY, OTHER = bytes(range(32)), bytes(32)
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
names = st.text(min_size=1, max_size=40).filter(lambda text: "\x00" not in text and text.isprintable())
codes = st.lists(st.from_regex(r"[HP]\d{11}", fullmatch=True), max_size=4).map(tuple)
principals = st.builds(
    Principal, account=names, role=st.sampled_from(get_args(Role)), name=st.text(max_size=20), institutions=codes,
    districts=st.lists(st.from_regex(r"\d{6}", fullmatch=True), max_size=3).map(tuple), machine=st.booleans(),
)  # fmt: skip
SIGNER = Signer(KEY)
WANG = Principal("wang", "hospital", "王工", ("H44010000001",))
TOKEN = SIGNER.sign(WANG, "intake", NOW)


def part(claims: dict[str, Any] | bytes) -> str:
    raw = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def signed(claims: dict[str, Any] | bytes) -> str:
    """Rightly signed, whatever it says."""
    text = f"{TOKEN.split('.')[0]}.{part(claims)}"
    return f"{text}.{part(SIGNER._mac(text.encode()))}"


def refused(token: str, audience: str = "intake", at: datetime = NOW) -> bool:
    try:
        SIGNER.read(token, audience, at)
    except NotSigned:
        return True
    return False


@given(principals, st.sampled_from(["intake", "sla", "console"]))
def test_what_was_signed_is_read_back(who: Principal, audience: str) -> None:
    until = int(NOW.timestamp()) + LIVES_S
    assert SIGNER.read(SIGNER.sign(who, audience, NOW), audience, NOW) == replace(who, until=until)


@given(principals)
def test_a_library_of_the_standard_reads_the_same(who: Principal) -> None:
    token = SIGNER.sign(who, "sla", NOW)
    read = jwt.decode(token, OctKey.import_key(SIGNER._key), algorithms=["HS256"])
    assert read.header == {"alg": "HS256", "typ": "JWT"}
    assert (read.claims["sub"], read.claims["role"], read.claims["aud"]) == (who.account, who.role, "sla")
    assert read.claims["exp"] - read.claims["iat"] == LIVES_S
    assert read.claims == claims_of(token)


def test_a_token_with_a_claim_that_nobody_here_knows_is_read() -> None:
    assert SIGNER.read(signed({**claims_of(TOKEN), "jti": "1"}), "intake", NOW).account == WANG.account


@given(st.integers(0, len(TOKEN) - 1), st.characters())
def test_a_token_with_one_character_changed_is_none(at: int, character: str) -> None:
    assume(character != TOKEN[at])
    assert refused(TOKEN[:at] + character + TOKEN[at + 1 :])


@given(st.integers(0, len(TOKEN)), st.text(min_size=1, max_size=5))
def test_a_token_with_something_put_in_is_none(at: int, text: str) -> None:
    assert refused(TOKEN[:at] + text + TOKEN[at:])


@given(st.integers(0, len(TOKEN) - 1), st.integers(0, len(TOKEN)))
def test_a_piece_of_a_token_is_none(start: int, end: int) -> None:
    assume(TOKEN[start:end] != TOKEN)
    assert refused(TOKEN[start:end])


@given(st.text(max_size=300))
@example("..")
@example("a.b.c")
@example("." * 50)
@example("=" * 50)
@example("\ud800")
@example("A" * (LONGEST + 1))
def test_whatever_somebody_makes_up_is_none(text: str) -> None:
    assert refused(text)


@given(st.binary(max_size=100), st.binary(max_size=100))
def test_bytes_in_the_shape_of_a_token_are_none(header: bytes, body: bytes) -> None:
    text = f"{part(header)}.{part(body)}"
    assert refused(f"{text}.{part(b'x' * 32)}") and refused(f"{text}.")


@given(st.binary(max_size=200))
def test_what_is_signed_but_says_nothing_known_is_none(body: bytes) -> None:
    assert refused(signed(body))


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "HS512", "RS256", ""])
def test_the_token_does_not_choose_its_algorithm(algorithm: str) -> None:
    head, body = part({"alg": algorithm, "typ": "JWT"}), TOKEN.split(".")[1]
    for mac in ("", TOKEN.split(".")[2], part(SIGNER._mac(f"{head}.{body}".encode()))):
        assert refused(f"{head}.{body}.{mac}")


def test_a_token_of_another_desk_is_none() -> None:
    assert refused(Signer(OTHER).sign(WANG, "intake", NOW))


@pytest.mark.parametrize("claim", ["sub", "role", "aud", "iat", "exp"])
def test_a_token_that_leaves_out_what_it_must_say_is_none(claim: str) -> None:
    left = {name: value for name, value in claims_of(TOKEN).items() if name != claim}
    assert refused(signed(left))


@pytest.mark.parametrize(
    "more",
    [{"role": "root"}, {"sub": ""}, {"sub": None}, {"exp": "9999999999"}, {"exp": 1e400}, {"inst": "H1"}, {"aud": []}],
)
def test_a_token_that_says_what_it_cannot_is_none(more: dict[str, Any]) -> None:
    assert refused(signed({**claims_of(TOKEN), **more}))


@given(st.sampled_from(["sla", "stats", "notify", "knowledge", "console", "Intake", "intake ", ""]))
def test_a_token_is_for_one_service(audience: str) -> None:
    assert refused(TOKEN, audience)


@given(st.floats(-10_000, 10_000))
def test_a_token_is_good_for_its_five_minutes(seconds: float) -> None:
    at = NOW + timedelta(seconds=seconds)
    assert refused(TOKEN, at=at) == (not -30 <= seconds < LIVES_S)


def test_an_oversized_token_is_none_though_it_is_signed() -> None:
    many = Principal("wang", "hospital", institutions=tuple(f"H{n:011}" for n in range(1_000)))
    token = SIGNER.sign(many, "intake", NOW)
    assert len(token) > LONGEST and refused(token)


@given(st.text(max_size=60))
def test_a_header_has_a_token_where_it_says_bearer(header: str) -> None:
    assert bearer(f"Bearer {TOKEN}") == bearer(f"bearer  {TOKEN} ") == TOKEN
    assert not bearer(header) or header.lower().startswith("bearer")


def test_what_is_said_of_a_bad_token_tells_what_to_do_and_nothing_of_the_key() -> None:
    with pytest.raises(NotSigned, match="另一个服务"):
        SIGNER.read(TOKEN, "sla", NOW)
    with pytest.raises(NotSigned, match="过期"):
        SIGNER.read(TOKEN, "intake", NOW + timedelta(hours=1))
    with pytest.raises(NotSigned, match="重新登录"):
        SIGNER.read("x", "intake", NOW)
