"""No personal data survives `mask`, and everything that is needed to solve a case does."""

import json
import re
import re._parser as sre_parser  # type: ignore[import-not-found]
from datetime import date
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chassis.personal import masking, names, numbers
from chassis.personal.masking import mask, mask_id, mask_reply
from services.intake.text import codes, figures, findings, pasted, plain, quoted

CITIZENS = Path(__file__).parents[3].parent / "shared" / "data" / "citizen_messages.jsonl"
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def digits(count: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=count, max_size=count)


def with_check_character(body: str) -> str:
    return body + "10X98765432"[sum(w * int(d) for w, d in zip(WEIGHTS, body, strict=True)) % 11]


def with_luhn_digit(body: str) -> str:
    doubled = [int(d) * (2 if index % 2 == 0 else 1) for index, d in enumerate(reversed(body))]
    return body + str(-sum(n - 9 if n > 9 else n for n in doubled) % 10)


BORN = st.dates().filter(lambda day: 1880 <= day.year <= 2030).map(lambda day: f"{day:%Y%m%d}")
REGION = st.sampled_from(["620102", "110101", "650121", "440399"])
ID_NUMBER = st.builds(
    lambda region, born, serial: with_check_character(region + born + serial), REGION, BORN, digits(3)
)
MOBILE = st.builds(lambda second, rest: f"1{second}{rest}", st.sampled_from("3456789"), digits(9))
CARD = st.integers(15, 18).flatmap(digits).map(lambda body: with_luhn_digit("62" + body[2:]))
INSTITUTION = st.builds(
    lambda letter, region, serial: letter + region + serial, st.sampled_from("HP"), REGION, digits(5)
)
MSGID = st.builds(lambda code, serial: f"{code}20240115103000{serial}", INSTITUTION, digits(4))

# Whatever stands around a number, except what makes it another number or announces one that has to stay.
AROUND = st.one_of(
    st.sampled_from(
        ["", "身份证", "张三", "(", '"certno":"', "2207 ", "电话：", "\n", "，", "tel", "医保H62010200123 ", "**"]
    ),
    st.text(st.characters(exclude_categories=["N", "Cs"], exclude_characters="×"), max_size=8),
)
KEPT_KEYS = ("id", "ID", "Id", "sn", "no", "bchno", "号", "单", "结算", "就诊")  # an announced business number stays
BEFORE = AROUND.filter(lambda text: not text.rstrip(" :：=\"'").endswith(("H", "P", "C", "****", *KEPT_KEYS)))
AFTER = AROUND.filter(lambda text: not text.startswith("****") and not text[:1].isdigit())


@given(BEFORE, ID_NUMBER, AFTER)
def test_a_valid_id_number_never_survives(before: str, number: str, after: str) -> None:
    masked = mask(before + number + after)
    assert number not in masked
    assert number[6:14] not in masked


@given(BEFORE, ID_NUMBER, st.sampled_from([" ", "-", "  ", "–"]), st.sets(st.integers(1, 17), min_size=1, max_size=4))
def test_an_id_number_in_groups_never_survives(before: str, number: str, separator: str, places: set[int]) -> None:
    edges = [0, *sorted(places), 18]
    grouped = separator.join(number[start:end] for start, end in pairwise(edges))
    assert number not in mask(before + grouped).replace(separator, "")


@given(ID_NUMBER)
def test_a_wide_id_number_does_not_survive_even_unnormalised(number: str) -> None:
    wide = number.translate({ord(d): ord(d) + 0xFEE0 for d in "0123456789"})
    masked = mask(f"证件{wide}号")
    assert wide not in masked
    assert number not in masked


@given(BEFORE | st.sampled_from(["+86", "86", "0"]), MOBILE, AFTER)
def test_a_mobile_number_never_survives(before: str, number: str, after: str) -> None:
    assert number not in mask(before + number + after)


@pytest.mark.parametrize("number", ["+8613812345678", "86 138 1234 5678", "0086-138-1234-5678", "013812345678"])
def test_a_mobile_number_with_a_prefix_or_in_groups_is_masked(number: str) -> None:
    masked = mask(f"请联系{number}谢谢")
    assert "138****5678" in masked
    assert "1234" not in masked


@given(BEFORE, CARD, AFTER)
def test_a_bank_card_never_survives(before: str, number: str, after: str) -> None:
    assert number not in mask(before + number + after)


@given(BEFORE.filter(lambda text: not text[-1:].isalnum()), st.one_of(INSTITUTION, MSGID), AFTER)
def test_institution_codes_and_message_ids_always_survive(before: str, code: str, after: str) -> None:
    assert code in mask(before + code + after)


PIECES = st.sampled_from(
    ["张三", "患者", "李四", "姓名：", "，", " ", "-", "电话", "13812345678", "0931", "8888888", "620102", "19900307",
     "4517", "620102199003074514", "620*************14", "138****5678", '"psn_no":"', '"', "卡号", "6222", "医保",
     "H62010200123", "2207", "报错", "\n", "psn_name=", "王", "在", "a@b.cn"]
)  # fmt: skip


@given(st.lists(st.one_of(PIECES, st.text(max_size=4)), max_size=12).map("".join))
@example("620102 19900307 4514 138 1234 5678")
def test_masking_twice_changes_nothing(text: str) -> None:
    assert mask(mask(text)) == mask(text)
    assert mask_id(mask_id(text)) == mask_id(text)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("身份证620102199003074514", "身份证620*************14"),
        ("62010219900307451X光片", "620*************1X光片"),
        ("老证620102900307451有效", "老证620**********51有效"),
        ("西里尔字母62010219900307451Х", "西里尔字母620************51Х"),
        ("外国人永居证911110198812203451", "外国人永居证911*************51"),
        ("座机0931-8888888，（0931）8888888", "座机0931-****88，（0931）****88"),
        ("社保卡号：A12345678", "社保卡号：A12****78"),
        ("个人编号123456789", "个人编号123****89"),
        ("6222 0212 3456 7890 128到账", "622**************28到账"),
        ('{"psn_no":"62000011562201","psn_name":"张三丰"}', '{"psn_no":"620*********01","psn_name":"张**"}'),
        (r'{"input":"{\"psn_name\":\"张三\"}"}', r'{"input":"{\"psn_name\":\"张*\"}"}'),
        ("psn_name=张三&tel=13812345678", "psn_name=张*&tel=138****5678"),
        ("姓名：张三，性别男", "姓名：张*，性别男"),
        ("患者张三住院，参保人欧阳娜娜，", "患者张*住院，参保人欧**，"),
        ("张三 620102199003074514 查参保", "张* 620*************14 查参保"),
        ("王小明，电话：13812345678", "王**，电话：138****5678"),
    ],
)
def test_personal_data_is_masked_and_stays_recognisable(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "医院H62010200123、药店P62010200456，医院H13112345678",
        '{"msgid":"H62010200123202401151030000001","infno":"2207"}',
        '{"setl_id":"620102199003074514","mdtrt_id": "4111111111111111"}',
        "结算ID：620102199003074514",
        "总额1234567.89元，2024-01-15 10:30:00，20240115103000123",
        "refmsg_time 20261120091015123，拼接ZA01BAB0131010200123",
        '"inf_refmsgid":"620102201503071514000000000001"',
        "项目003313030280000，耗材C0102030405060708091，ICD A33.x00x001，错误码-1",
        "患者高血压住院，患者余额不足，患者方便时来，患者于昨天出院",
        "姓名不一致，姓名：不一致，参保人员报销，家属马上到",
        "人员编号不存在，身份证号码错误，psn_name不能为空，psn_name=null",
        "",
    ],
)
def test_what_a_case_needs_is_not_masked(text: str) -> None:
    assert mask(text) == text


def test_a_sender_is_masked_when_the_id_says_who_it_is() -> None:
    assert mask_id("13812345678") == "138****5678"
    assert mask_id("620102199003074514") == "620*************14"
    assert mask_id("zhangsan@hospital.cn") == "z***@hospital.cn"
    assert mask_id("张三 <13812345678@139.com>") == "张三 <1***@139.com>"
    assert mask_id("oX7f_wechat_openid") == "oX7f_wechat_openid"


def test_real_citizen_messages_are_hardly_touched_and_stable() -> None:
    if not CITIZENS.exists():
        pytest.skip("real citizen messages are only on the build machine")
    lines = CITIZENS.read_text(encoding="utf-8").splitlines()
    texts = [json.loads(line)["question"] for line in lines]
    changed = [text for text in texts if mask(text) != text]
    assert len(changed) < len(texts) * 0.06
    assert all(mask(mask(text)) == mask(text) for text in texts)


@pytest.mark.parametrize(
    "apart", ["620199 19590603 0421", "620199-19590603-0421", "620199 195906030421", "620199 1959 0603 0421"]
)
def test_an_announced_id_number_in_groups_is_masked_whatever_its_check_digit(apart: str) -> None:
    assert "1959" not in mask(f"身份证 {apart}, 请核对")


def test_a_reply_keeps_the_offices_to_call_and_nothing_personal() -> None:
    said = mask_reply("请拨打 0931-5550123 或 400-123-4567, 您的手机13812345678, 身份证 620199195906030421")
    assert "0931-5550123" in said
    assert "400-123-4567" in said
    assert "13812345678" not in said
    assert "19590603" not in said


@given(st.text())
def test_masking_a_reply_fails_on_no_text(text: str) -> None:
    mask_reply(text)


SHORT = st.integers(1, 12).flatmap(digits)


@given(SHORT | MOBILE, ID_NUMBER, SHORT | MOBILE)
def test_an_id_number_within_longer_digits_never_survives(before: str, number: str, after: str) -> None:
    for text in (before + number, number + after, before + number + after):
        assert number not in mask(f"查{text}号")


@given(INSTITUTION, ID_NUMBER)
def test_an_id_number_right_behind_an_institution_code_is_masked_and_the_code_stays(code: str, number: str) -> None:
    masked = mask(f"{code}{number}")
    assert masked.startswith(code)
    assert number not in masked


@given(ID_NUMBER, st.sampled_from([".", "_", "/", "·", ",", "，", "\t", "\n"]))
def test_an_id_number_in_groups_with_any_separator_never_survives(number: str, separator: str) -> None:
    grouped = separator.join((number[:6], number[6:14], number[14:]))
    assert number not in mask(f"证件{grouped}").replace(separator, "")


@given(REGION, st.dates(date(1930, 1, 1), date(1999, 12, 31)), digits(3), BEFORE, AFTER)
def test_an_old_id_number_of_fifteen_digits_never_survives(
    region: str, born: date, serial: str, before: str, after: str
) -> None:
    number = f"{region}{born:%y%m%d}{serial}"
    assert number not in mask(before + number + after)


@pytest.mark.parametrize(
    "text", ["电话幺三八一二三四五六七八", "六二零一零二一九九零零三零七四五一四", "一 三 九 零 零 零 零 一 二 三 四"]
)
def test_numbers_typed_in_words_are_masked(text: str) -> None:
    assert "****" in mask(text)
    assert "四五" not in mask(text)[8:]


VALID = with_check_character("62010219900307451")
ADVERSARIAL = [
    "1", "6", "62 ", "6-", "138 ", "0931", "患者", "患者张", "姓名：", "psn_name=", "卡号", "卡号6", '"psn_no":"',
    "张三138", "*", "138****5678 ", "一", "一 ",
    "H6", "setl_id", "a@", "((((", "\\\\\\\"", VALID, "6222 0212 ", "\t9\n",
]  # fmt: skip


@pytest.mark.parametrize("piece", ADVERSARIAL)
def test_twenty_thousand_hostile_characters_are_masked_to_the_end(piece: str) -> None:
    text = (piece * 20_000)[:20_000] + f"，身份证{VALID}。"
    masked = mask(text)
    assert VALID[6:] not in masked
    assert len(masked) <= len(text)
    assert mask(masked) == masked
    assert mask_id(mask_id(text[:200])) == mask_id(text[:200])


@pytest.mark.parametrize("module", [masking, names, numbers, codes, figures, findings, pasted, plain, quoted])
def test_no_pattern_repeats_a_repetition_without_bound(module: ModuleType) -> None:
    """What makes a search take exponential time, looked for in the patterns themselves."""
    found = [p for value in vars(module).values() for p in _patterns(value)]
    assert found
    for pattern in found:
        assert not _nested(sre_parser.parse(pattern.pattern, pattern.flags)), pattern.pattern


def _patterns(value: object) -> list[re.Pattern[str]]:
    if isinstance(value, re.Pattern):
        return [value]
    return [p for item in value for p in _patterns(item)] if isinstance(value, tuple) else []


def _nested(tree: Any, inside: bool = False) -> bool:
    for op, argument in tree:
        if op in (sre_parser.MAX_REPEAT, sre_parser.MIN_REPEAT):
            _, most, body = argument
            unbounded = most is sre_parser.MAXREPEAT
            if (inside and unbounded) or _nested(body, inside or unbounded):
                return True
        elif op is sre_parser.BRANCH:
            if any(_nested(branch, inside) for branch in argument[1]):
                return True
        elif op is sre_parser.SUBPATTERN:
            if _nested(argument[-1], inside):
                return True
        elif op in (sre_parser.ASSERT, sre_parser.ASSERT_NOT) and _nested(argument[1], inside):
            return True
    return False
