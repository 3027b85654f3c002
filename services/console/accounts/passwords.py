"""Passwords: how they are kept (Argon2id), which ones are too easy, and those that the desk makes for one sign-in."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from secrets import choice
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST: Final = 10
LONGEST: Final = 200
ONE_TIME_LIVES: Final = timedelta(hours=72)
# OWASP's least for Argon2id, and two at a time: however many sign in at once, the services keep their memory.
_AT_ONCE: Final = ThreadPoolExecutor(2, "passwords")
_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
# What an unknown account's password is compared with: it takes as long as a known one's.
_NOBODYS: Final = _HASHER.hash("nobody's")
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is read as another
_COMMON: Final = (
    "1234567890", "0123456789", "0987654321", "9876543210", "1q2w3e4r5t", "qwertyuiop", "qazwsxedcr", "abcdefghij",
    "password", "passw0rd", "p@ssw0rd", "administrator", "admin123", "woaini1314", "5201314", "a123456", "abc12345",
    "yibaodesk", "yibao123", "yibao2026", "yiyuan123", "welcome123", "changeme", "iloveyou", "letmein",
)  # fmt: skip


def weakness(password: str, account: str) -> str:
    """Why this password will not do, in Chinese; empty when it will."""
    folded = password.casefold()
    if not SHORTEST <= len(password) <= LONGEST:
        return f"密码应为 {SHORTEST} 到 {LONGEST} 个字符: 可以用一句自己记得住的话"
    if len(account) >= 4 and account.casefold() in folded:
        return "密码里不能有账号: 请换一个"
    if len(set(folded)) < 5 or any(len(folded.replace(common, "")) < 5 for common in _COMMON):
        return "密码太常见, 容易被猜到: 请换一个"
    return ""


async def hashed(password: str) -> str:
    """In a thread: it is meant to take long."""
    return await asyncio.get_running_loop().run_in_executor(_AT_ONCE, _HASHER.hash, password)


async def matches(kept: str, password: str) -> bool:
    """Whether `kept` is the hash of it. Without a hash it takes as long to say no."""
    args = (kept or _NOBODYS, password[: LONGEST + 1])
    return await asyncio.get_running_loop().run_in_executor(_AT_ONCE, _matches, *args) and bool(kept)


def one_time() -> str:
    """Random, easily read out and typed: 64 bits and more."""
    return "-".join("".join(choice(_LETTERS) for _ in range(5)) for _ in range(3))


def _matches(kept: str, password: str) -> bool:
    try:
        return _HASHER.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False
