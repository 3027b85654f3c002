"""Looks for planted personal numbers in what the services stored: whole, or nine digits of them in a row."""

import json
import re
import unicodedata
from collections.abc import Iterable
from typing import Any

SPAN = 9  # a masked ID keeps 3 + 2 digits, a masked phone 3 + 4: nine in a row are a leak
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SEPARATORS = re.compile(r"[\s\-‐-―.()（）]+")


def survivors(planted: Iterable[str], stored: Iterable[Any]) -> list[str]:
    """The planted numbers that can still be read, each shown by its ends only."""
    text = plain(json.dumps(list(stored), ensure_ascii=False, default=str))
    return [f"{number[:3]}…{number[-2:]}" for number in planted if any(part in text for part in _parts(number))]


def plain(text: str) -> str:
    """Digits as a reader joins them: ASCII, without the spaces and dashes between."""
    return _SEPARATORS.sub("", _UUID.sub(" ", unicodedata.normalize("NFKC", text)))


def _parts(number: str) -> Iterable[str]:
    number = plain(number)
    return (number[i : i + SPAN] for i in range(len(number) - SPAN + 1))
