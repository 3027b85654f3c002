"""The product that a search over all vectors is: rows of one byte a number, times what is asked.

What is asked loses a little by that; so the best by this product are compared once more, in full.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.int8]
Dots = Callable[[Bytes, Bytes], NDArray[Any]]
"""[n, w] and [w, 1] to [n, 1], exact."""
DOTS: Final = "dots.onnx"
_BLOCK: Final = 8_192


def by_numpy(rows: Bytes, column: Bytes) -> NDArray[Any]:
    """Wherever onnxruntime is absent; four times as slow, because numpy multiplies bytes only as floats."""
    made, asked = np.empty((len(rows), 1), np.float32), column.astype(np.float32)
    for at in range(0, len(rows), _BLOCK):
        np.matmul(rows[at : at + _BLOCK].astype(np.float32), asked, out=made[at : at + _BLOCK])
    return made


def by_onnx(folder: Path) -> Dots:
    """With the processor's own instructions for bytes; `folder` is an exported encoder's."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    session = onnxruntime.InferenceSession(folder / DOTS, options, providers=["CPUExecutionProvider"])

    def dots(rows: Bytes, column: Bytes) -> NDArray[Any]:
        made: NDArray[Any] = session.run(None, {"rows": rows, "column": column})[0]
        return made

    return dots


def coarse(vector: NDArray[np.float32], width: int) -> Bytes:
    """`vector` in one byte a number, as a column of `width` with zeros at its end: good enough to choose by."""
    column = np.zeros((width, 1), np.int8)
    column[: len(vector), 0] = np.rint(vector * (127 / max(float(np.abs(vector).max(initial=0.0)), 1e-9)))
    return column


def worth(vector: NDArray[np.float32]) -> float:
    """What 1 in the column stands for."""
    return max(float(np.abs(vector).max(initial=0.0)), 1e-9) / 127


def products(rows: Bytes, scales: NDArray[np.float32], vector: NDArray[np.float32], dots: Dots) -> NDArray[np.float32]:
    """Nearly those of all rows with `vector`, which may be shorter than a row; a byte of a row is worth its scale."""
    made = dots(rows, coarse(vector, rows.shape[1]))[:, 0] * np.float32(worth(vector))
    return (made * scales).astype(np.float32)
