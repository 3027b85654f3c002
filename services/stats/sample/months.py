"""The months between two, as `--months` writes them."""

import argparse
import re


def months_of(text: str) -> tuple[str, ...]:
    """`2025-11..2026-02` is four months, both ends among them. Raises argparse.ArgumentTypeError in Chinese."""
    found = re.fullmatch(r"(\d{4})-(\d\d)\.\.(\d{4})-(\d\d)", text)
    if found is None:
        raise argparse.ArgumentTypeError("月份写成 2025-01..2026-10")
    since_year, since_month, until_year, until_month = (int(part) for part in found.groups())
    if not (1 <= since_month <= 12 and 1 <= until_month <= 12):
        raise argparse.ArgumentTypeError("月份在 01 与 12 之间")
    numbers = range(since_year * 12 + since_month - 1, until_year * 12 + until_month)
    if not numbers:
        raise argparse.ArgumentTypeError("止月不能早于起月")
    return tuple(f"{number // 12}-{number % 12 + 1:02}" for number in numbers)
