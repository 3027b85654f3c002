"""A pasted request, response or log of the HIS interface tells who sent what, when, and what went wrong."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.personal.masking import mask
from services.intake.text.findings import find
from services.intake.text.pasted import pasted

MSGID = "H62010200123202611220930150001"
REQUEST = {
    "infno": "2207",
    "msgid": MSGID,
    "inf_time": "2026-11-22 09:30:16",
    "fixmedins_code": "H62010200123",
    "opter_name": "李娜",
    "input": {"data": {"psn_no": "62000011562201", "mdtrt_id": "6201022611220001", "medfee_sumamt": "1234.5"}},
}
RESPONSE = {
    "infcode": "-1",
    "inf_refmsgid": "620102202611220930150000000001",
    "respond_time": "20261122093016123",
    "err_msg": "人员待遇已暂停",
    "output": None,
}


@pytest.mark.parametrize("escapes", [0, 1, 2])
def test_a_request_is_read_however_often_it_was_escaped(escapes: int) -> None:
    text = json.dumps(REQUEST, ensure_ascii=False)
    for _ in range(escapes):
        text = json.dumps(text, ensure_ascii=False)
    found = find(mask(text))
    assert (found.pasted, found.infno, found.msgid) == ("request", "2207", MSGID)
    assert (found.institution_code, found.happened_at) == ("H62010200123", "2026-11-22 09:30:16")
    assert (found.mdtrt_ids, found.amounts) == (("6201022611220001",), ("1234.50",))
    assert found.error_code is None


def test_a_response_gives_its_error_code_and_time() -> None:
    found = find(json.dumps(RESPONSE, ensure_ascii=False, indent=2))
    assert (found.pasted, found.error, found.error_code) == ("response", "人员待遇已暂停", "-1")
    assert found.happened_at == "2026-11-22 09:30:16"


def test_a_successful_response_has_no_error_code() -> None:
    found = find('{"infcode":0,"inf_refmsgid":"620102202611220930150000000001","err_msg":"","output":{}}')
    assert (found.pasted, found.error, found.error_code) == ("response", None, None)


def test_xml_and_key_value_are_read_too() -> None:
    xml = f"<infno>2304</infno>\n<msgid>{MSGID}</msgid><fixmedins_code>P62010200456</fixmedins_code>"
    assert find(xml).institution_code == "P62010200456"
    pairs = f"infno=4101A&msgid={MSGID}&infver=V1.0"
    found = find(pairs)
    assert (found.infno, found.pasted, found.happened_at) == ("4101A", "request", "2026-11-22 09:30:15")


def test_a_log_line_gives_its_own_time() -> None:
    response = json.dumps(RESPONSE, ensure_ascii=False).replace('"', '\\"')
    found = find(f"2026/11/22 09:30:20.456 ERROR [http-8080-3] FsiClient - infno=2207 resp={response}")
    assert (found.pasted, found.infno, found.error) == ("log", "2207", "人员待遇已暂停")
    assert find(f"2026-11-22 09:30:20 INFO infno=2207 msgid={MSGID}").happened_at == "2026-11-22 09:30:20"


def test_the_gateways_refusal_is_a_response() -> None:
    found = find('{"code":401,"message":"签名时间戳超时!"}')
    assert (found.pasted, found.error_code, found.error) == ("response", "401", "签名时间戳超时!")


@pytest.mark.parametrize(
    "text",
    [
        "2207报错：交易超时",
        f"msgid {MSGID} 应如何冲正？",
        "infno:2207",
        "err_msg是什么意思",
        "时间:2026-11-22 09:30:15",
        "",
    ],
)
def test_what_a_person_writes_is_not_taken_for_a_paste(text: str) -> None:
    assert pasted(text) is None


@given(st.lists(st.sampled_from([*"\"':{}\\,=<> \n", "infno", "msgid", "infcode", MSGID, "-1", "2026-11-22 09:30:15"])))
def test_broken_pastes_are_survived(pieces: list[str]) -> None:
    found = find("".join(pieces))
    assert found.msgid in (None, MSGID) or len(found.msgid or "") == 30
