"""Findings: only what the text really says, and only transactions that exist."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.personal.masking import mask
from contracts.case import Findings
from services.intake.text.findings import MAX_ERROR, find
from services.intake.text.transactions import TRANSACTIONS, is_transaction

INTERFACE = Path(__file__).parents[3].parent / "shared" / "domain" / "his_interface.json"
MSGID = "H62010200123202401151030000001"


@pytest.mark.parametrize(
    "text",
    ['{"infno":"2207"}', r'{\"infno\": \"2207\"}', "infno=2207", "交易2207不通", "2207接口", "【2207】", "调用2207",
     "交易编号：2207", "2207报错", "门诊2207结算", "接口(2207)"],
)  # fmt: skip
def test_a_transaction_number_is_found_beside_its_word(text: str) -> None:
    assert find(text).infno == "2207"


@pytest.mark.parametrize(
    "text", ["2207元", "共2207人", "2001年交易", "接口2024", "交易9999", "H22070200123", "接口 2001-01-15"]
)
def test_other_numbers_are_not_taken_for_a_transaction(text: str) -> None:
    assert find(text).infno is None


def test_provincial_variants_and_long_numbers_are_transactions() -> None:
    assert find("4101A接口").infno == "4101A"
    assert find("交易100001").infno == "100001"
    assert not is_transaction("9999A")


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ('{"infcode":-1,"err_msg":"人员[张*]\\"待遇\\"暂停"}', '人员[张*]"待遇"暂停'),
        (r"{\"err_msg\":\"基金类型为空\"}", "基金类型为空"),
        ('{"code":401,"message":"签名时间戳超时!"}', "签名时间戳超时!"),
        ("结算报错：人员编号不存在。请处理", "人员编号不存在"),
        ("系统提示“余额不足”怎么办", "余额不足"),
        ("2207报错人员待遇已暂停；谢谢", "人员待遇已暂停"),
        ("错误信息: 对照未审核\n其他", "对照未审核"),
    ],
)
def test_the_error_is_quoted(text: str, error: str) -> None:
    assert find(text).error == error


@pytest.mark.parametrize("text", ["2207报错怎么办", "报错了，请看", '{"err_msg":""}', '{"err_msg":null}', "没有错误"])
def test_without_words_of_an_error_there_is_none(text: str) -> None:
    assert find(text).error is None


def test_a_long_error_is_cut() -> None:
    error = find("报错：" + "长" * 400).error
    assert error is not None
    assert len(error) == MAX_ERROR
    assert error.endswith("…")


def test_institution_and_message_id_are_found() -> None:
    found = find(f"药店P62010200456，msgid {MSGID}")
    assert (found.institution_code, found.msgid) == ("P62010200456", MSGID)


def test_a_message_id_tells_the_institution_when_nothing_else_does() -> None:
    assert find(MSGID).institution_code == "H62010200123"


def test_the_senders_institution_counts_when_the_text_names_none() -> None:
    assert find("你好", "H62010200999").institution_code == "H62010200999"
    assert find("我是P62010200456", "H62010200999").institution_code == "P62010200456"


@given(st.text(max_size=300))
def test_any_text_gives_valid_findings(text: str) -> None:
    found = find(mask(text))
    assert Findings.model_validate(found.model_dump()) == found


def test_the_numbers_are_those_of_the_interface_specification() -> None:
    if not INTERFACE.exists():
        pytest.skip("the interface specification is only on the build machine")
    assert {entry["infno"] for entry in json.loads(INTERFACE.read_text(encoding="utf-8"))} == TRANSACTIONS
