"""No hidden value can be computed from what is shown, for any lines and any groupings."""

from fractions import Fraction
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from services.stats.engine.suppressing import Line, hidden, sums

NESTED = (0b00, 0b10, 0b11)
CUBE = (0b00, 0b01, 0b10, 0b11)
DEEP = (0b000, 0b100, 0b110, 0b101, 0b111)


def report(cells: dict[tuple[str, ...], int], masks: tuple[int, ...]) -> list[Line]:
    """The lines that GROUPING SETS would give: one for each key of each mask."""
    found: dict[tuple[int, tuple[str | None, ...]], int] = {}
    for mask, (key, persons) in product(masks, cells.items()):
        seen = tuple(None if mask >> n & 1 else value for n, value in enumerate(key))
        found[mask, seen] = found.get((mask, seen), 0) + persons
    return [Line(key, mask, persons) for (mask, key), persons in found.items()]


def determined(lines: list[Line], gone: frozenset[int]) -> set[int]:
    """Hidden lines that the shown ones fix, by plain elimination over fractions, apart from the engine's own."""
    order = sorted(gone)
    rows = []
    for equation in sums(lines):
        coefficients = {n: Fraction(1) for n in equation.parts} | {equation.total: Fraction(-1)}
        rows.append([coefficients.get(n, Fraction(0)) for n in order])
    pivot = 0
    for column in range(len(order)):
        chosen = next((r for r in range(pivot, len(rows)) if rows[r][column]), None)
        if chosen is None:
            continue
        rows[pivot], rows[chosen] = rows[chosen], rows[pivot]
        rows[pivot] = [value / rows[pivot][column] for value in rows[pivot]]
        for r, row in enumerate(rows):
            if r != pivot and row[column]:
                rows[r] = [a - row[column] * b for a, b in zip(row, rows[pivot], strict=True)]
        pivot += 1
    return {order[row.index(Fraction(1))] for row in rows[:pivot] if sum(map(bool, row)) == 1}


def cells(dimensions: int) -> st.SearchStrategy[dict[tuple[str, ...], int]]:
    keys = st.tuples(*[st.sampled_from("abcd")] * dimensions)
    return st.dictionaries(keys, st.integers(0, 14), min_size=1, max_size=14)


@settings(max_examples=150, deadline=None)
@given(cells(2), st.sampled_from([NESTED, CUBE]), st.integers(2, 6))
def test_nothing_hidden_can_be_computed_in_two_dimensions(
    told: dict[tuple[str, ...], int], masks: tuple[int, ...], below: int
) -> None:
    lines = report(told, masks)
    gone = hidden(lines, below)
    assert {n for n, line in enumerate(lines) if line.persons and line.persons < below} <= gone
    assert determined(lines, gone) == set()


@settings(max_examples=80, deadline=None)
@given(cells(3), st.integers(2, 6))
def test_nothing_hidden_can_be_computed_where_groupings_cross(told: dict[tuple[str, ...], int], below: int) -> None:
    lines = report(told, DEEP)
    assert determined(lines, hidden(lines, below)) == set()


@given(st.dictionaries(st.tuples(st.sampled_from("abcd"), st.sampled_from("xyz")), st.integers(5, 99)))
def test_nothing_is_hidden_where_nobody_is_few(told: dict[tuple[str, ...], int]) -> None:
    assert hidden(report(told, CUBE), 5) == frozenset()


def test_the_next_smallest_of_the_group_is_hidden_too() -> None:
    lines = report({("a", "x"): 2, ("a", "y"): 30, ("a", "z"): 8, ("b", "x"): 40, ("b", "y"): 50}, NESTED)
    assert {lines[n].key for n in hidden(lines, 5)} == {("a", "x"), ("a", "z")}


def test_a_line_of_nobody_does_not_protect_its_neighbour() -> None:
    lines = report({("a", "x"): 2, ("a", "y"): 0, ("a", "z"): 8}, NESTED)
    assert ("a", "z") in {lines[n].key for n in hidden(lines, 5)}


def test_a_subtotal_that_only_repeats_a_hidden_line_is_hidden_and_another_with_it() -> None:
    lines = report({("a", "x"): 2, ("b", "x"): 30, ("c", "x"): 40}, NESTED)
    assert {lines[n].key for n in hidden(lines, 5)} == {("a", "x"), ("a", None), ("b", "x"), ("b", None)}


def test_without_sums_only_the_small_lines_are_hidden() -> None:
    lines = report({("a", "x"): 2, ("b", "x"): 30}, (0,))
    assert {lines[n].key for n in hidden(lines, 5)} == {("a", "x")}
