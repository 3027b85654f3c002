"""Turns texts into vectors with an encoder that was exported to a folder; nothing else of knowledge needs it.

onnxruntime and tokenizers are imported only here and only when a folder is loaded: they are an option.
"""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from chassis.chinese import normalise

Vectors = NDArray[np.float32]
MODEL, TOKENIZER, ABOUT = "model.onnx", "tokenizer.json", "encoder.json"
LONGEST: Final = 256
"""Tokens of a text that are read: more cost time and say little."""
_BATCH: Final = 512
"""Tokens of a batch: what fits into the processor's cache is quickest."""


class NoEncoder(Exception):
    """This folder holds no encoder that can be used; the message, in Chinese, says why."""


class About(msgspec.Struct, frozen=True):
    """What `encoder.json` says. `sha256` is of the model: vectors of another one cannot be compared."""

    name: str
    dims: int
    sha256: str
    licence: str


class Encoder:
    """One thread; calls may come from any."""

    def __init__(self, folder: Path) -> None:
        """Raises NoEncoder."""
        self.about = read_about(folder)
        self._session, self._tokenizer = _loaded(folder)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """A row of length one for each text."""
        tokens = [self._tokenizer.encode(normalise(text)).ids for text in texts]
        made = np.zeros((len(texts), self.about.dims), np.float32)
        for batch in _batches([len(t) for t in tokens]):
            made[batch] = self._run([tokens[i] for i in batch])
        return made

    def _run(self, rows: list[list[int]]) -> Vectors:
        ids = np.zeros((len(rows), max(map(len, rows))), np.int64)
        mask = np.zeros_like(ids)
        for at, row in enumerate(rows):
            ids[at, : len(row)], mask[at, : len(row)] = row, 1
        vectors: Vectors = self._session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
        return vectors


def read_about(folder: Path) -> About:
    """Raises NoEncoder, also for a model that is not the one that was exported."""
    try:
        about = msgspec.json.decode((folder / ABOUT).read_bytes(), type=About)
        with (folder / MODEL).open("rb") as model:
            found = hashlib.file_digest(model, "sha256").hexdigest()
    except (OSError, msgspec.MsgspecError) as error:
        raise NoEncoder(f"{folder} 中没有语义编码器: {error}") from None
    if found != about.sha256:
        raise NoEncoder(f"{folder / MODEL} 与导出时不同: 请重新导出")
    return about


def _loaded(folder: Path) -> tuple[Any, Any]:
    try:
        import onnxruntime
        import tokenizers
    except ImportError as error:
        raise NoEncoder(f"未安装语义检索所需的组件 ({error.name}): pip install 'yibao-desk[semantic]'") from None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False  # batches differ in size: an arena would keep the largest of each
    try:
        session = onnxruntime.InferenceSession(folder / MODEL, options, providers=["CPUExecutionProvider"])
        tokenizer = tokenizers.Tokenizer.from_file(str(folder / TOKENIZER))
    except Exception as error:  # both have errors of their own for files that they cannot read
        raise NoEncoder(f"{folder} 中的语义编码器无法读取: {error}") from None
    tokenizer.enable_truncation(LONGEST)
    return session, tokenizer


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Texts of like length together, so that little is spent on padding."""
    batch: list[int] = []
    for at in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and (len(batch) + 1) * lengths[at] > _BATCH:
            yield batch
            batch = []
        batch.append(at)
    if batch:
        yield batch
