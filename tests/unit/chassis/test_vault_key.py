"""The key that is made where none is given: one for all processes that start together, and only its owner reads it."""

import base64
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

from chassis.vault import Vault, fingerprint, load_key


def test_processes_that_start_together_have_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(lambda _: load_key("", tmp_path), range(64)))
    assert [len(key) for key in keys] == [32]
    assert [p.name for p in tmp_path.iterdir()] == ["secret.key"], "nothing else is left"
    assert (tmp_path / "secret.key").stat().st_mode & 0o777 == 0o600


def test_a_key_that_is_given_outweighs_the_one_that_was_made(tmp_path: Path) -> None:
    made = load_key("", tmp_path)
    given = load_key(base64.b64encode(b"k" * 32).decode(), tmp_path)
    assert given == b"k" * 32 != made
    assert fingerprint(given) != fingerprint(made)
    assert load_key("", tmp_path) == made


def test_what_is_sealed_opens_again_with_the_same_key() -> None:
    sealed = Vault(b"k" * 32).seal(UUID(int=1), "原文")
    assert Vault(b"k" * 32).open(UUID(int=1), sealed) == "原文"
