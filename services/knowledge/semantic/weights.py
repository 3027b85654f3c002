"""Reads the arrays of a PyTorch checkpoint without PyTorch, and without running what a pickle may ask for."""

import io
import math
import pickle
import zipfile
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Weights = dict[str, NDArray[Any]]
_TYPES: Final = {"FloatStorage": np.float32, "HalfStorage": np.float16, "LongStorage": np.int64}


def read_weights(path: Path) -> Weights:
    """Raises pickle.UnpicklingError for a checkpoint that has more in it than arrays."""
    with zipfile.ZipFile(path) as archive:
        root = archive.namelist()[0].partition("/")[0]
        loaded: Weights = _Arrays(archive, root).load()
    return loaded


class _Arrays(pickle.Unpickler):
    """Knows dictionaries and arrays and refuses every other name."""

    def __init__(self, archive: zipfile.ZipFile, root: str) -> None:
        super().__init__(io.BytesIO(archive.read(f"{root}/data.pkl")))
        self._archive, self._root = archive, root

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return dict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _array
        if module == "torch" and name in _TYPES:
            return _TYPES[name]
        raise pickle.UnpicklingError(f"{module}.{name} is no part of an array")

    def persistent_load(self, pid: Any) -> NDArray[Any]:
        _, kind, key, _, _ = pid
        return np.frombuffer(self._archive.read(f"{self._root}/data/{key}"), kind)


def _array(storage: NDArray[Any], offset: int, size: tuple[int, ...], stride: tuple[int, ...], *_: Any) -> NDArray[Any]:
    expected = tuple(math.prod(size[n + 1 :]) for n in range(len(size)))
    if stride != expected and math.prod(size) > 1:
        raise pickle.UnpicklingError(f"an array that is not stored row by row: {size} {stride}")
    return storage[offset : offset + math.prod(size)].reshape(size)
