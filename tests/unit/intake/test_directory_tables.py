"""Tables of the directory, and accounts as people write them."""

from functools import partial
from pathlib import Path

import pytest

from chassis.vault import Vault
from contracts.directory import Contact, Institution, StaffMember
from services.intake.directory.accounts import identity, identity_key, revealed
from services.intake.directory.entries import merged, requested
from services.intake.directory.model import Entry, key_of
from services.intake.directory.tables import FILES, NotATable, rows
from tests.support.make import NOON

VAULT = Vault(b"0" * 32)
READ = partial(identity, VAULT)
PHONE = "13912345678"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_a_table_is_read_as_a_spreadsheet_writes_it(encoding: str) -> None:
    text = "机构编号,机构名称,别名\r\nH62010290002,市第二人民医院,市二院；二院\r\n"
    [row] = rows("institution", text.encode(encoding), READ)
    assert row.body == Institution(code="H62010290002", name="市第二人民医院", aliases=("市二院", "二院"))


def test_a_bad_row_is_named_without_its_value_and_does_not_hold_up_the_others() -> None:
    text = f"id,name,institution_code\nwu,小吴,\nxu,小许,{PHONE}\nma,小马,H62010290004\n"
    found = list(rows("contact", text.encode(), READ))
    assert [row.body.id for row in found if isinstance(row.body, Contact)] == ["wu", "ma"]
    [bad] = [row for row in found if row.body is None]
    assert bad.line == 3 and "institution_code" in bad.problem and PHONE not in bad.problem


def test_a_table_without_a_heading_is_refused_as_a_whole() -> None:
    with pytest.raises(NotATable, match="第一行不是表头"):
        list(rows("contact", b"wu,\xe5\xb0\x8f\xe5\x90\xb4\n", READ))


def test_staff_are_read_with_skills_and_places() -> None:
    text = "编号,姓名,驻场,驻点,组长,技能,工单上限\nli.na,李娜,驻场,H62010290002,否,目录;编码贯标,12\n"
    [row] = rows("staff", text.encode(), READ)
    assert row.body == StaffMember(
        id="li.na", name="李娜", place="resident", posted_at=("H62010290002",), skills=("目录", "编码贯标"), most=12
    )


def test_an_account_is_never_kept_in_clear_and_a_phone_can_be_opened_again() -> None:
    kept = identity(VAULT, "phone", "+86 139-1234-5678")
    assert PHONE not in kept.model_dump_json() and kept.shown != "" and "1234" not in kept.shown
    assert kept.key == identity_key(VAULT, "phone", PHONE) == identity_key(VAULT, "phone", "139 1234 5678")
    assert revealed(VAULT, kept) == "+86 139-1234-5678"
    assert identity(VAULT, "wechat", "oYb5kU2-wuqiang").sealed == ""
    assert identity_key(VAULT, "email", "Ybb@Example.org ") == identity_key(VAULT, "email", "ybb@example.org")


def test_an_account_that_is_given_again_stays_one_and_keeps_its_number() -> None:
    kept, seen = identity(VAULT, "phone", PHONE), identity(VAULT, "phone", PHONE).model_copy(update={"sealed": ""})
    assert merged([kept], [seen]) == (kept,)
    assert merged([seen], [kept]) == (kept,)


def test_saving_a_contact_keeps_its_accounts_unless_it_names_those_to_keep() -> None:
    before = requested("contact", "wu", {"accounts": [{"channel": "qq", "account": "10001"}]}, None, VAULT)
    assert isinstance(before, Contact)
    entry = Entry("contact", "wu", before.model_dump(mode="json"), NOON)
    renamed = requested("contact", "wu", {"name": "小吴"}, entry, VAULT)
    assert isinstance(renamed, Contact) and renamed.identities == before.identities
    emptied = requested("contact", "wu", {"identities": []}, entry, VAULT)
    assert isinstance(emptied, Contact) and emptied.identities == ()


def test_the_demo_tables_are_sound_and_know_each_other() -> None:
    folder = Path(__file__).parents[3] / "deploy" / "directory"
    found = [row for name, kind in FILES.items() for row in rows(kind, (folder / name).read_bytes(), READ)]
    assert [row.problem for row in found if row.body is None] == []
    codes = {row.body.code for row in found if isinstance(row.body, Institution)}
    assert {row.body.institution_code for row in found if isinstance(row.body, Contact)} <= codes
    keys = [i.key for row in found if isinstance(row.body, Contact) for i in row.body.identities]
    assert len(keys) == len(set(keys))
    assert len({(type(row.body), key_of(row.body)) for row in found if row.body}) == len(found)


def test_a_line_that_cannot_be_read_is_reported() -> None:
    first, second = rows("contact", f"id,name\n{'x' * 200_000},y\nwu,小吴\n".encode(), READ)
    assert (first.line, first.body) == (2, None) and "读不出来" in first.problem
    assert second.body is not None
