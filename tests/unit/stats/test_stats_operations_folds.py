"""From events to rows: the same in any order, nothing personal, by the declared tables and codes."""

import io
import json
import random
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.zone import BEIJING
from services.stats.operations.folding import fold
from services.stats.operations.harvest import STREAMS
from services.stats.operations.told import local, minutes
from services.stats.sources.table import dictionaries, tables
from tests.unit.stats.independent.c_events import told
from tests.unit.stats.independent.c_line import ENGINEERS, SECRETS, UNTIL
from tests.unit.stats.independent.c_said import rows

EVENTS = told(11, 30)
WHOLE = rows(EVENTS)


@settings(max_examples=25, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(0, 200))
def test_events_in_any_order_and_twice_give_the_same_rows(chance: random.Random, repeated: int) -> None:
    heard = EVENTS + chance.choices(EVENTS, k=repeated)
    chance.shuffle(heard)
    assert rows(heard) == WHOLE


@settings(max_examples=25, deadline=None)
@given(st.datetimes(datetime(2026, 5, 1), datetime(2026, 11, 20)))  # noqa: DTZ001 - given a zone below
def test_what_is_recorded_later_changes_nothing(at: datetime) -> None:
    until = at.replace(tzinfo=BEIJING)
    before = [e for e in EVENTS if datetime.fromisoformat(json.loads(e)["recorded_at"]) <= until]
    assert rows(EVENTS, until) == rows(before, until)


def test_rows_have_the_columns_of_their_tables_and_codes_of_their_dictionaries() -> None:
    assert set(WHOLE) == set(STREAMS) == {name for name in tables() if name.startswith("desk_")}
    for name, found in WHOLE.items():
        table = tables()[name]
        assert found, name
        for row in found:
            assert set(row) == set(table.by_code)
            for column in table.columns:
                value = row[column.code]
                assert value is not None or not column.required, column.label
                if column.dictionary and value is not None:
                    assert value in dictionaries()[column.dictionary], column.label
        keys = [tuple(row[k] for k in table.key) for row in found]
        assert len(set(keys)) == len(keys)


def test_nothing_personal_is_in_any_row() -> None:
    text = repr(WHOLE)
    assert not [word for word in SECRETS if word in text]
    engineers = {
        row[name] for found in WHOLE.values() for row in found for name in ("engineer", "owner") if name in row
    }
    assert engineers <= {*ENGINEERS, None}


def test_the_same_events_make_the_same_files_whatever_else_is_wanted(tmp_path: Path) -> None:
    shuffled = sorted(EVENTS)
    first = {i.table: i for i in fold(EVENTS, tmp_path / "first", UNTIL)}
    again = {i.table: i for i in fold(shuffled, tmp_path / "again", UNTIL)}
    assert {t: i.sha256 for t, i in first.items()} == {t: i.sha256 for t, i in again.items()}
    [one] = fold(EVENTS, tmp_path / "one", UNTIL, ["desk_clock"])
    assert one.sha256 == first["desk_clock"].sha256
    assert pq.read_table(one.path).to_pylist() == WHOLE["desk_clock"]
    assert sorted(p.name for p in (tmp_path / "one").iterdir()) == [f"{one.sha256}.parquet"]


def test_what_is_no_event_is_counted_and_left_out(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    junk = [b"no json", b"{}", b'{"type": 5}', b""]
    made = fold(io.BytesIO(b"\n".join([*EVENTS, *junk, *EVENTS[:3]])), tmp_path, UNTIL)
    assert {i.table: i.rows for i in made} == {name: len(found) for name, found in WHOLE.items()}
    assert "4 events" in capsys.readouterr().err


@given(st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)), st.integers(-10_000, 10_000_000))  # noqa: DTZ001
def test_minutes_are_exact_to_two_decimals(since: datetime, seconds: int) -> None:
    found = minutes(since, since + timedelta(seconds=seconds))
    assert abs(found * 60 - max(0, seconds)) <= Decimal("0.3")
    assert local(since.replace(tzinfo=BEIJING)) == since.replace(microsecond=0)
