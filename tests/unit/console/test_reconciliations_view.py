"""What the pages of reconciliations make of stats' JSON, and what of a hospital's form is said."""

from hypothesis import given
from hypothesis import strategies as st

from services.console.pages.reconciliations import view

IDS = st.text("0123456789abcdef", min_size=32, max_size=32)
SAID = st.tuples(st.sampled_from(["", *view.VERDICTS]), st.text(max_size=20).map(str.strip))


@given(st.dictionaries(IDS, SAID), st.dictionaries(IDS, SAID))
def test_only_what_is_new_in_the_form_is_said(
    filled: dict[str, tuple[str, str]], old: dict[str, tuple[str, str]]
) -> None:
    form = {f"verdict.{id_}": verdict for id_, (verdict, _) in filled.items()}
    form |= {f"note.{id_}": note for id_, (_, note) in filled.items()} | {"back": "", "offset": "0"}
    said = {a["id"]: (a["verdict"], a["note"]) for a in view.answers(form, old)}
    assert said == {id_: told for id_, told in filled.items() if told[0] and old.get(id_) != told}


def test_a_comparison_is_asked_for_as_stats_wants_it() -> None:
    assert view.started({"institution": " H1 ", "period": "2026-10", "refunds": "1"}) == {
        "report": "reconciliation", "institutions": ["H1"], "period": "2026-10",
        "parameters": {"refunds": "1", "may_be_empty": "0"},
    }  # fmt: skip


def test_what_happened_is_told_the_latest_first() -> None:
    at = {"occurred_at": "2026-11-01T00:00:00Z"}
    tally = [{"count": 2}]
    told = view.told([
        {"type": "reconciliation.compared", "count": 3, **at},
        {"type": "reconciliation.raised", "count": 3, "note": "请核实", "actor": {"id": "zhao", "name": "赵磊"}, **at},
        {"type": "reconciliation.answered", "answers": [{"verdict": "accepted"}], "open": 2, **at},
        {"type": "reconciliation.proved", "gone": tally, "left": [], "new": [], **at},
        {"type": "reconciliation.settled", "agreed": 0, **at},
    ])  # fmt: skip
    assert [(e["what"], e["detail"]) for e in told] == [
        ("办结", "两边已对平"), ("复核", "已消除 2 条, 仍存在 0 条, 新增 0 条"),
        ("医院反馈", "属实 1 条; 还有 2 条待反馈"), ("下发医院", "3 条"), ("对账", "3 条差异"),
    ]  # fmt: skip
    assert told[3]["by"] == "赵磊"
