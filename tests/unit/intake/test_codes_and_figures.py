"""Codes, amounts and dates: what has the form or the word of one, and nothing else."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.personal.masking import mask
from services.intake.text.codes import MOST, catalogue, diagnoses, divisions, settlements, visits
from services.intake.text.figures import amounts, dates


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("诊断E11.9和I10.x00", ("E11.9", "I10.x00")),
        ("A00.000x001", ("A00.000x001",)),
        ("主诊断A38.x00x002+I41.0*，", ("A38.x00x002+I41.0*",)),
        ("门特病种M03900、M01600", ("M03900", "M01600")),
        ("A11.9 A11.9", ("A11.9",)),
    ],
)
def test_diagnoses_are_found_by_their_form(text: str, found: tuple[str, ...]) -> None:
    assert diagnoses(text) == found


@pytest.mark.parametrize("text", ["V10.1版本", "HIS2.0", "A4纸", "infver V1.0", "XM01600", "H62010200123", "E1.5"])
def test_other_letters_with_digits_are_no_diagnoses(text: str) -> None:
    assert diagnoses(text) == ()


@pytest.mark.parametrize(
    "code",
    ["XB06ACL388B0", "XJ01CAA040E001010100483", "ZG02AAG0401", "ZA01BAB0131010200123", "C0704010380000901234",
     "C07040103800009012341234567", "003313030280000"],
)  # fmt: skip
def test_catalogue_codes_are_found_and_never_masked(code: str) -> None:
    text = mask(f"编码{code}，对照失败")
    assert catalogue(text) == (code,)
    assert code in text


def test_settlements_and_visits_need_their_name() -> None:
    text = '{"setl_id":"620102199003074514","mdtrt_id":"S6201022611220001"} 结算ID：12345678，就诊号 87654321'
    assert settlements(mask(text)) == ("620102199003074514", "12345678")
    assert visits(mask(text)) == ("S6201022611220001", "87654321")
    assert settlements("结算报错 12345678") == ()


def test_a_division_needs_its_word() -> None:
    assert divisions('"insuplc_admdvs":"620102", 参保地为白银620400，邮编730000') == ("620102", "620400")
    assert divisions("620102") == ()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("共1,234.5元", ("1234.50",)),
        ("￥30 ¥ 2.5", ("30.00", "2.50")),
        ("2.5万元，零头3元", ("25000.00", "3.00")),
        ('"medfee_sumamt":"186.50","acct_pay":40', ("186.50", "40.00")),
        ("<fund_pay_sumamt>120.00</fund_pay_sumamt>", ("120.00",)),
        ("总额：88.8，现金支付=0", ("88.80",)),
        ("3元和3.00元", ("3.00",)),
    ],
)
def test_amounts_are_in_yuan_with_two_places(text: str, found: tuple[str, ...]) -> None:
    assert amounts(text) == found


@pytest.mark.parametrize("text", ["2207报错", "第3块硬盘", "自付：30%", "费用：2026-11-22", "H62010200123元", "12 个"])
def test_other_numbers_are_no_amounts(text: str) -> None:
    assert amounts(text) == ()


@given(st.decimals(Decimal("0.01"), Decimal(99_999_999), places=2), st.booleans())
def test_every_amount_is_read_as_it_was_written(value: Decimal, grouped: bool) -> None:
    assert amounts(f"报销{value:,.2f}元" if grouped else f"报销{value:.2f}元") == (f"{value:.2f}",)


@given(
    st.dates(date(2000, 1, 1), date(2099, 12, 31)),
    st.sampled_from(["{0:%Y-%m-%d}", "{0:%Y/%m/%d}", "{0:%Y%m%d}", "{0:%Y}年{0.month}月{0.day}日", "{0:%Y%m%d}093015"]),
)
def test_every_date_with_its_year_is_found(day: date, form: str) -> None:
    assert dates(f"于{form.format(day)}结算") == (day.isoformat(),)


@pytest.mark.parametrize(
    "text",
    [
        "11月3日",
        "2026-13-01",
        "20261340",
        "2026-11",
        "2026",
        "120261122",
        "出生日期：2001-05-06",
        '"brdy":"2001-05-06"',
    ],
)
def test_a_day_without_a_year_an_impossible_one_and_a_birthday_are_left_out(text: str) -> None:
    assert dates(text) == ()


def test_never_more_than_a_handful() -> None:
    assert len(amounts(" ".join(f"{n}元" for n in range(1, 1_000)))) == MOST
    assert len(diagnoses(" ".join(f"A{n:02}.9" for n in range(100)))) == MOST
