"""Passwords, keys and codes: what is too easy, what is kept, what is good."""

import string

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.console.accounts import keys, passwords
from services.console.signin.codes import Codes, qr, recovery_codes

KEY = bytes(range(32))


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "li.na-loves-li.na",
        "password123",
        "1234567890",
        "AAAAAAAAAAAA",
        "qwertyuiop1",
        "yibao2026!!",
        "x" * 201,
    ],
)
def test_a_weak_password_is_refused_with_a_reason(password: str) -> None:
    assert passwords.weakness(password, "li.na").endswith(("换一个", "一句自己记得住的话"))


@pytest.mark.parametrize("password", ["correct horse battery", "医保目录每月十五日更新一次", "T7-wbm-kk2-qqz"])
def test_a_sentence_is_a_password(password: str) -> None:
    assert passwords.weakness(password, "li.na") == ""


async def test_what_is_kept_is_a_hash_that_only_its_password_matches() -> None:
    kept = await passwords.hashed("correct horse battery")
    assert kept.startswith("$argon2id$")
    assert await passwords.matches(kept, "correct horse battery")
    assert not await passwords.matches(kept, "correct horse batterx")
    assert not await passwords.matches("", "nobody's")
    assert not await passwords.matches("damaged", "correct horse battery")


async def test_a_stranger_costs_as_much_work_as_somebody_known(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[str] = []

    class Counting:
        def verify(self, kept: str, password: str) -> bool:
            compared.append(kept.split("$")[3])
            return True

    known = await passwords.hashed("correct horse battery")
    monkeypatch.setattr(passwords, "_HASHER", Counting())
    assert await passwords.matches(known, "x")
    assert not await passwords.matches("", "x")
    assert len(compared) == 2
    assert compared[0] == compared[1], "the same cost"


def test_one_time_passwords_are_strong_and_easily_read() -> None:
    made = {passwords.one_time() for _ in range(200)}
    assert len(made) == 200
    assert all(passwords.weakness(one, "li.na") == "" for one in made)
    assert not set("".join(made)) & set("il1o0")


@given(st.text(string.printable, max_size=60))
def test_only_the_key_itself_matches_and_nothing_is_taken_for_one(text: str) -> None:
    made = keys.make()
    assert keys.name_of(made.key) == made.name
    assert keys.matches(made.hash, made.key)
    assert made.key.split("_", 2)[2] not in made.hash
    assert not keys.matches(made.hash, text)
    assert not keys.matches(made.hash, f"ybk_{made.name}_{text}")


def test_a_code_is_good_for_whom_its_secret_was_sealed() -> None:
    codes = Codes(KEY)
    sealed = codes.new_secret("li.na")
    now = pyotp.TOTP(codes.open("li.na", sealed)).now()
    assert codes.is_good("li.na", sealed, now)
    assert not codes.is_good("ma.jun", sealed, now), "sealed for somebody else"
    assert not Codes(KEY[::-1]).is_good("li.na", sealed, now), "with another desk's key"
    assert not codes.is_good("li.na", "", now)
    assert codes.open("li.na", sealed) not in sealed


@given(st.text(max_size=8))
def test_what_is_no_code_is_refused_quietly(text: str) -> None:
    codes = Codes(KEY)
    sealed = codes.seal("li.na", "JBSWY3DPEHPK3PXP")
    assert not codes.is_good("li.na", sealed, text) or text.isdigit()


@given(st.text(max_size=40))
def test_a_secret_that_was_not_sealed_here_opens_nothing(sealed: str) -> None:
    assert not Codes(KEY).is_good("li.na", sealed, "123456")


def test_recovery_codes_are_kept_as_hashes_and_typed_in_any_way() -> None:
    codes, made = Codes(KEY), recovery_codes()
    assert len(set(made)) == 10
    kept = codes.hash("li.na", made[0])
    assert kept == codes.hash("li.na", made[0].upper().replace("-", ""))
    assert kept != codes.hash("ma.jun", made[0])
    assert made[0] not in kept


def test_the_picture_is_drawn_without_styles() -> None:
    drawn = qr(Codes(KEY).uri("li.na", Codes(KEY).new_secret("li.na")))
    assert drawn.startswith("<svg")
    assert "style" not in drawn
