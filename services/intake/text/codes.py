"""Codes of the national insurance platform in a text: settlements, visits, divisions, diagnoses, catalogue items.

Each is known by its own form (ICD-10 医保版, 药品, 服务项目, 耗材, 门慢特病种) or by the word before it: a setl_id or a
division looks like any other number.
"""

import re

MOST = 20

_VALUE = r"""["'\\]{0,8}\s{0,3}(?:[:：=>]|是|为)?\s{0,3}["'\\]{0,8}([A-Z]?[0-9][0-9A-Z]{3,29})(?![0-9A-Za-z*])"""
_SETL = re.compile(rf"(?:setl_id|SETL_ID|setlId|结算(?:I[Dd]|id|编号|单?号|流水号)){_VALUE}")
_MDTRT = re.compile(rf"(?:mdtrt_id|MDTRT_ID|mdtrtId|就[诊医](?:I[Dd]|id|编号|登?记?号|流水号)){_VALUE}")
_DIVISION = re.compile(
    r"(?:admd?vs|ADMD?VS|区划|统筹区|参保地|就[医诊]地|地区(?:编码|代码))[^0-9\n]{0,12}([1-8][0-9]{5})(?![0-9])"
)
_DIAGNOSIS = re.compile(
    r"[A-Z](?<![A-Za-z0-9].)[0-9]{2}(?:\.[0-9x][0-9]{2}(?:x[0-9]{3})?(?:\+[A-Z][0-9]{2}(?:\.[0-9])?\*)?"
    r"|(?<!V..)\.[0-9]|(?<=M..)[0-9]{3})(?![0-9A-Za-z.*])"
)
_CATALOGUE = re.compile(
    r"[XZTC0](?<![0-9A-Za-z].)(?:(?<=X)[A-Z][0-9]{2}[A-Z]{3}[0-9]{3}[A-Z][0-9](?:[0-9]{11})?"
    r"|(?<=Z)[A-Z][0-9]{2}[A-Z]{3}[0-9]{4}(?:[0-9]{9}|[0-9])?|(?<=T)[0-9]{9}(?:[0-9]{10})?"
    r"|(?<=C)[0-9]{19}(?:[0-9]{7})?|(?<=0)0[0-9]{13})(?![0-9A-Za-z])"
)


def settlements(text: str) -> tuple[str, ...]:
    """setl_id 结算ID."""
    return _all(_SETL, text)


def visits(text: str) -> tuple[str, ...]:
    """mdtrt_id 就诊ID."""
    return _all(_MDTRT, text)


def divisions(text: str) -> tuple[str, ...]:
    """admdvs 医保区划."""
    return _all(_DIVISION, text)


def diagnoses(text: str) -> tuple[str, ...]:
    """ICD-10 in the insurance's edition, short forms of it, and diseases of 门慢特 (M and five digits)."""
    return _all(_DIAGNOSIS, text)


def catalogue(text: str) -> tuple[str, ...]:
    """Drugs, herbs, items of service, consumables."""
    return _all(_CATALOGUE, text)


def _all(pattern: re.Pattern[str], text: str) -> tuple[str, ...]:
    found = pattern.findall(text)
    return tuple(dict.fromkeys(found))[:MOST] if found else ()
