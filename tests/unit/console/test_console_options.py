"""What a select offers is escaped, and says what is chosen."""

from services.console.web.words import options


def test_values_titles_and_words_are_offered_with_what_is_chosen() -> None:
    offered = options([("H1", "第一医院"), "结算支付"], ["结算支付"])
    assert offered == '<option value="H1">第一医院</option><option value="结算支付" selected>结算支付</option>'


def test_what_somebody_has_written_stays_text() -> None:
    assert options([('"><script>', "<b>")]) == '<option value="&quot;&gt;&lt;script&gt;">&lt;b&gt;</option>'
