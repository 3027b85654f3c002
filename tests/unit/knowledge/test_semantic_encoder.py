"""The exported encoder, where there is one (YIBAO_BENCH_ENCODER), and what is refused where there is none."""

import os
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from services.knowledge.semantic.dots import by_numpy, by_onnx
from services.knowledge.semantic.encoder import ABOUT, MODEL, Encoder, NoEncoder
from services.knowledge.semantic.weights import read_weights


@pytest.fixture(scope="module")
def folder() -> Path:
    told = Path(os.environ.get("YIBAO_BENCH_ENCODER", "none"))
    if not (told / ABOUT).exists():
        pytest.skip("no exported encoder: YIBAO_BENCH_ENCODER names none")
    pytest.importorskip("onnxruntime", reason="the extra `semantic` is not installed")
    return told


def test_the_same_meaning_is_nearer_than_another_one(folder: Path) -> None:
    a, b, c = Encoder(folder).encode(["医保卡丢了怎么补办", "社保卡遗失如何补领", "今天中午吃什么"])
    assert a @ b > a @ c + 0.1


def test_vectors_have_length_one_whatever_the_text(folder: Path) -> None:
    made = Encoder(folder).encode(["", "?", "a", "医保" * 3_000, "\x00🙂"])
    assert np.linalg.norm(made, axis=1) == pytest.approx(np.ones(5), abs=1e-3)


def test_neither_order_nor_company_change_a_vector_much(folder: Path) -> None:
    encoder, texts = Encoder(folder), ["门诊费用跨省结算失败", "医保", "住院登记之后怎样撤销?" * 5]
    together = encoder.encode(texts)
    for text, vector in zip(texts, together, strict=True):
        assert encoder.encode([text])[0] @ vector > 0.98
    assert encoder.encode([]).shape == (0, encoder.about.dims)


def test_products_are_those_of_numpy(folder: Path) -> None:
    random = np.random.default_rng(0)
    rows, column = (random.integers(-127, 128, shape).astype(np.int8) for shape in ((100, 540), (540, 1)))
    assert np.array_equal(by_onnx(folder)(rows, column), by_numpy(rows, column))


def test_a_folder_without_an_encoder_or_with_another_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoEncoder):
        Encoder(tmp_path)
    (tmp_path / MODEL).write_bytes(b"another")
    (tmp_path / ABOUT).write_text('{"name": "m", "dims": 4, "sha256": "00", "licence": ""}')
    with pytest.raises(NoEncoder, match="重新导出"):
        Encoder(tmp_path)


class _Harmful:
    def __reduce__(self) -> tuple[Callable[[], str], tuple[()]]:
        return (os.getcwd, ())


def test_a_checkpoint_that_asks_for_more_than_arrays_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "w.bin", "w") as archive:
        archive.writestr("w/data.pkl", pickle.dumps({"a": _Harmful()}))
    with pytest.raises(pickle.UnpicklingError):
        read_weights(tmp_path / "w.bin")
