"""Texts with personal numbers planted in them, and whether a number survived: neither knows how masking works.

The numbers are made from their standards (GB 11643, ISO 7812, the numbering plan), the texts from what people send:
sentences, forms, HIS messages, logs, tables. Deterministic by seed.
"""

import random
import unicodedata
from collections.abc import Callable
from typing import NamedTuple

REGIONS = ("620102", "620103", "620121", "621000", "622901", "623001", "110101", "310115", "440305", "510104", "650103")
SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔"
)
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛超霞刚婷玉兰桂英建国秀珍海燕志华淑琴宇轩梓涵子怡浩然欣妍雨桐俊熙佳琪"


class Planted(NamedTuple):
    """`numbers` and `names` stand somewhere in `text`, in whatever writing."""

    text: str
    numbers: tuple[str, ...]
    names: tuple[str, ...] = ()


def id_18(r: random.Random) -> str:
    body = f"{r.choice(REGIONS)}{r.randint(1930, 2024)}{r.randint(1, 12):02}{r.randint(1, 28):02}{r.randint(0, 999):03}"
    total = sum(int(digit) * (2 ** (17 - place) % 11) for place, digit in enumerate(body))
    return body + "0123456789X"[(12 - total % 11) % 11]


def id_15(r: random.Random) -> str:
    return f"{r.choice(REGIONS)}{r.randint(30, 99)}{r.randint(1, 12):02}{r.randint(1, 28):02}{r.randint(0, 999):03}"


def mobile(r: random.Random) -> str:
    return f"1{r.choice('3456789')}{r.randint(0, 9)}{r.randint(0, 99_999_999):08}"


def bank_card(r: random.Random) -> str:
    body = r.choice(("622848", "621700", "622202", "621661", "623668")) + "".join(
        r.choices("0123456789", k=r.choice((9, 12)))
    )
    total = sum(sum(divmod(int(d) * 2, 10)) if place % 2 == 0 else int(d) for place, d in enumerate(reversed(body)))
    return body + str(-total % 10)


def social_card(r: random.Random) -> str:
    return f"{r.choice('ABCDEFGH')}{r.randint(0, 99_999_999):08}"


def psn_no(r: random.Random) -> str:
    return f"62{r.randint(0, 10**24 - 1):024}"[: r.choice((14, 20, 26))]


def name(r: random.Random) -> str:
    return r.choice(SURNAMES) + "".join(r.choices(GIVEN, k=r.choice((1, 2))))


def wide(number: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) for c in number)


def grouped(r: random.Random, number: str) -> str:
    """As people read numbers out and type them."""
    sizes = {
        18: ((6, 8, 4), (6, 4, 4, 4), (3, 3, 4, 4, 4)),
        11: ((3, 4, 4),),
        16: ((4, 4, 4, 4),),
        19: ((4, 4, 4, 4, 3),),
    }
    at, parts = 0, []
    for size in r.choice(sizes[len(number)]):
        parts.append(number[at : at + size])
        at += size
    return r.choice((" ", "-", "  ")).join(parts)


def hidden(r: random.Random, number: str) -> str:
    """With a character that nobody sees."""
    at = r.randint(1, len(number) - 1)
    return number[:at] + r.choice("\u200b\u200d\ufeff\u2060\u00ad") + number[at:]


_BEFORE = (
    "",
    "您好，",
    "窗口病人",
    "麻烦查一下 ",
    "2207报错，",
    "(",
    "【",
    "号码：",
    "是",
    "患者身份证",
    "ID:",
    "→",
    "证件号\n",
    "x",
    "元，",
)
_AFTER = (
    "",
    "，谢谢",
    " 查不到参保",
    ")",
    "】",
    "的人",
    "\n急",
    "，交易超时",
    "。请处理",
    "\t",
    ";2207",
    "报错",
    "X光片",
)


def _alone(r: random.Random) -> Planted:
    """A number in a sentence, in any writing."""
    make = r.choice((id_18, id_18, id_18, id_15, mobile, mobile, bank_card))
    number = make(r)
    written = number
    way = r.random()
    if way < 0.2 and len(number) in (11, 16, 18, 19):
        written = grouped(r, number)
    elif way < 0.3:
        written = wide(number)
    elif way < 0.4:
        written = hidden(r, number)
    elif way < 0.45:
        written = number.lower()
    return Planted(r.choice(_BEFORE) + written + r.choice(_AFTER), (number,))


def _form(r: random.Random) -> Planted:
    """Fields and values, as in a registration form."""
    person, identity, phone, card = name(r), id_18(r), mobile(r), social_card(r)
    sep = r.choice(("：", ":", ": ", "："))
    rows = [f"姓名{sep}{person}", f"身份证号{sep}{identity}", f"联系电话{sep}{phone}", f"社保卡号{sep}{card}"]
    r.shuffle(rows)
    text = r.choice(("，", "\n", "；", " ")).join(rows)
    return Planted(text, (identity, phone, card), (person,))


def _spoken_of(r: random.Random) -> Planted:
    """A person in a sentence: 患者张三，身份证…"""
    person, identity = name(r), id_18(r)
    text = r.choice(
        (
            "患者{n}，身份证{i}，门诊结算报错",
            "参保人员{n}({i})住院无法登记",
            "{n}，身份证号{i}，异地备案查不到",
            "{n} {i} 待遇暂停",
            "本人{n}，电话{p}，医保卡刷不了",
            "联系人：{n}，手机{p}",
        )
    )
    phone = mobile(r)
    planted = tuple(number for number, mark in ((identity, "{i}"), (phone, "{p}")) if mark in text)
    return Planted(text.format(n=person, i=identity, p=phone), planted, (person,))


def _message_of_his(r: random.Random) -> Planted:
    """JSON of the interface, now and then escaped, or as key=value, or XML."""
    person, identity, number, phone = name(r), id_18(r), psn_no(r), mobile(r)
    msgid = f"H620102{r.randint(0, 99999):05}202611{r.randint(10, 28)}093015{r.randint(0, 9999):04}"
    pairs = [
        ("infno", "2207"), ("msgid", msgid), ("psn_no", number), ("psn_name", person), ("certno", identity),
        ("tel", phone), ("setl_id", f"{r.randint(10**17, 10**18 - 1)}"), ("medfee_sumamt", "186.50"),
    ]  # fmt: skip
    shape = r.randrange(4)
    if shape == 3:
        text = "".join(f"<{key}>{value}</{key}>" for key, value in pairs)
    elif shape == 2:
        text = "&".join(f"{key}={value}" for key, value in pairs)
    else:
        text = "{" + ",".join(f'"{key}":"{value}"' for key, value in pairs) + "}"
        text = text.replace('"', '\\"') if shape == 1 else text
    return Planted(
        f"2026-11-22 09:30:15 ERROR {text}" if r.random() < 0.3 else text, (identity, number, phone), (person,)
    )


def _beside_digits(r: random.Random) -> Planted:
    """Without anything between the number and other digits: tables that lost their tabs, scanners."""
    identity = id_18(r)
    other = r.choice((mobile(r), f"{r.randint(1, 9999)}", f"{r.randint(10**11, 10**12 - 1)}", "2207"))
    text = identity + other if r.random() < 0.5 else other + identity
    return Planted(r.choice(_BEFORE) + text, (identity,))


def _table(r: random.Random) -> Planted:
    """Rows of a sheet, pasted."""
    cells = [(str(row + 1), id_18(r), mobile(r), bank_card(r)) for row in range(r.randint(1, 4))]
    sep = r.choice(("\t", ",", " ", "|", ";"))
    numbers = tuple(number for row in cells for number in row[1:])
    return Planted("\n".join(sep.join(row) for row in cells), numbers)


KINDS: tuple[Callable[[random.Random], Planted], ...] = (
    _alone, _alone, _alone, _form, _spoken_of, _message_of_his, _beside_digits, _table,
)  # fmt: skip


def planted(r: random.Random) -> Planted:
    return r.choice(KINDS)(r)


def survivors(text: Planted, masked: str) -> list[str]:
    """What can still be read in `masked`, whatever is written between the digits. Stars stand for what is gone."""
    plain = unicodedata.normalize("NFKC", masked).upper()
    bare = "".join(c for c in plain if c.isdigit() or c in "X*" or "A" <= c <= "H")
    return [n for n in text.numbers if n in bare] + [n for n in text.names if n in masked]
