"""The file of vectors: what is put is found, in whatever order it came, and a file that was half written is usable."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.envelope import derive_id
from services.knowledge.semantic import records, sketch
from services.knowledge.semantic.dots import by_numpy, coarse, worth
from services.knowledge.semantic.matrix import Floats
from services.knowledge.semantic.projection import fitted, plain, unit
from services.knowledge.semantic.vectors import Vector, VectorFile

DIMS = 16
_Steps = list[tuple[int, int | None]]


def vector(seed: int) -> Floats:
    made: Floats = unit(np.random.default_rng(seed).normal(size=(1, DIMS)).astype(np.float32))[0]
    return made


@contextmanager
def opened(path: Path, encoder: str = "a") -> Iterator[VectorFile]:
    file = VectorFile(path, encoder, plain(DIMS))
    yield file
    file.close()


def put(file: VectorFile, *ids: int, seed: int = 0) -> None:
    file.put([Vector(UUID(int=n), 1, vector(n + seed)) for n in ids])


def first(file: VectorFile, seed: int, limit: int = 1) -> list[int]:
    return [id_.int for id_, _ in file.search(vector(seed), limit)]


@settings(max_examples=30, deadline=None)
@given(steps=st.lists(st.tuples(st.integers(1, 6), st.none() | st.integers(0, 9)), max_size=30), reopen=st.booleans())
def test_finds_the_last_vector_of_each_article_and_none_that_is_gone(steps: _Steps, reopen: bool) -> None:
    holds: dict[int, int] = {}
    with TemporaryDirectory() as folder:
        path = Path(folder) / "v"
        with opened(path) as file:
            for id_, seed in steps:
                if seed is None:
                    file.remove([UUID(int=id_)])
                    holds.pop(id_, None)
                else:
                    file.put([Vector(UUID(int=id_), seed, vector(seed))])
                    holds[id_] = seed
            assert_holds(file, holds)
        if reopen:
            with opened(path) as file:
                assert_holds(file, holds)


def assert_holds(file: VectorFile, holds: dict[int, int]) -> None:
    assert {id_.int: version for id_, version in file.versions().items()} == holds
    assert set(first(file, 0, 99)) == set(holds)
    for seed in holds.values():
        assert holds[first(file, seed)[0]] == seed


@pytest.mark.parametrize("lost", [1, 20, DIMS + records.TAIL - 1])
def test_a_half_written_end_is_dropped_and_writing_goes_on(tmp_path: Path, lost: int) -> None:
    with opened(tmp_path / "v") as file:
        put(file, 1, 2, 3)
    whole = (tmp_path / "v").read_bytes()
    (tmp_path / "v").write_bytes(whole[:-lost])
    with opened(tmp_path / "v") as file:
        assert sorted(first(file, 0, 9)) == [1, 2]
        put(file, 3)
    assert (tmp_path / "v").read_bytes() == whole


def test_a_damaged_record_ends_what_is_believed(tmp_path: Path) -> None:
    with opened(tmp_path / "v") as file:
        put(file, 1, 2, 3)
    bytes_ = bytearray((tmp_path / "v").read_bytes())
    bytes_[records.HEAD + DIMS + records.TAIL + 3] ^= 1
    (tmp_path / "v").write_bytes(bytes_)
    with opened(tmp_path / "v") as file:
        assert first(file, 0, 9) == [1]


def test_a_file_of_another_encoder_or_of_nothing_is_begun_anew(tmp_path: Path) -> None:
    with opened(tmp_path / "v") as file:
        put(file, 1)
    with opened(tmp_path / "v", "b") as file:
        assert len(file) == 0 and first(file, 0) == []
    (tmp_path / "v").write_bytes(b"YB")
    with opened(tmp_path / "v", "b") as file:
        assert len(file) == 0


def test_a_file_of_mostly_replaced_vectors_is_written_anew(tmp_path: Path) -> None:
    with opened(tmp_path / "v") as file:
        for seed in range(300):
            put(file, 1, 2, 3, 4, seed=seed)
        before, found = (tmp_path / "v").stat().st_size, file.search(vector(7), 4)
    with opened(tmp_path / "v") as file:
        assert file.search(vector(7), 4) == found
        put(file, 5)
        assert (tmp_path / "v").stat().st_size < before / 100
        assert len(file) == 5


def test_only_what_is_allowed_is_found(tmp_path: Path) -> None:
    with opened(tmp_path / "v") as file:
        put(file, *range(1, 30))
        allowed = [UUID(int=n) for n in (3, 4, 99)]
        assert {id_.int for id_, _ in file.search(vector(1), 10, allowed)} == {3, 4}
        assert file.search(vector(1), 10, []) == []


def test_scores_are_cosines_in_the_space_of_the_projection(tmp_path: Path) -> None:
    vectors = unit(np.random.default_rng(1).normal(1, 1, (200, DIMS)).astype(np.float32))
    projection = fitted(vectors)
    with opened(tmp_path / "v") as file:
        file.put([Vector(UUID(int=n), 1, v) for n, v in enumerate(vectors)])
        file.put([Vector(UUID(int=0), 2, vectors[0])])
        file.use(projection)
        found = dict(file.search(vectors[5], 300))
        assert len(found) == 200
    placed = projection.placed(vectors)
    assert [found[UUID(int=n)] for n in range(200)] == pytest.approx(placed @ placed[5], abs=0.03)


def test_what_is_asked_survives_one_byte_a_number_well_enough_to_choose_by() -> None:
    rows = np.random.default_rng(2).integers(-127, 128, (50, DIMS + 3)).astype(np.int8)
    products = by_numpy(rows, coarse(vector(3), DIMS + 3))[:, 0] * worth(vector(3))
    assert products == pytest.approx(rows[:, :DIMS].astype(np.float32) @ vector(3), abs=5)


def test_a_sketch_of_many_vectors_finds_what_looking_at_all_of_them_finds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = np.random.default_rng(7)
    mixed = random.normal(size=(200, 512)) * 0.97 ** np.arange(512)
    made = unit((random.normal(size=(3_000, 200)) @ mixed).astype(np.float32))
    ids = [derive_id("sketched", n) for n in range(len(made))]
    found = []
    for least in (len(made) + 1, 1_000):
        monkeypatch.setattr(sketch, "FROM", least)
        held = VectorFile(tmp_path / str(least), "a" * 64, plain(512))
        held.put(map(Vector, ids[:2_000], [1] * 2_000, made[:2_000]))
        held.put(map(Vector, ids[2_000:], [1] * 1_000, made[2_000:]))
        held.remove(ids[:10])
        found.append([{id_ for id_, _ in held.search(made[n], 50)} for n in range(0, 3_000, 100)])
        held.close()
    shared = [len(a & b) / 50 for a, b in zip(*found, strict=True)]
    assert np.mean(shared) > 0.97
    assert not any(ids[0] in some for some in found[1])
