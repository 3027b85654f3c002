"""What all forms have in common: words in one field, numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.console.web.forms import whole, words_of


def test_words_may_stand_apart_in_any_way() -> None:
    assert words_of(" H1, H2，H3、H4;H5；H6\nH1 ") == ["H1", "H2", "H3", "H4", "H5", "H6"]
    assert words_of(" ,、 ") == []


@given(st.text(max_size=30))
def test_whatever_is_written_words_are_whole_and_once(text: str) -> None:
    found = words_of(text)
    assert all(found) and len(set(found)) == len(found)
    assert words_of(" ".join(found)) == found


@pytest.mark.parametrize(
    ("text", "number"), [("12", 12), (" 7 ", 7), ("０３", 3), ("²", None), ("-1", None), ("", None), ("1" * 10, None)]
)
def test_numbers_are_read_or_left(text: str, number: int | None) -> None:
    assert whole(text) == number
