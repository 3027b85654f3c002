"""Files on disk named by their content: the same file twice is one file, and what was kept cannot change."""

import os
import re
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import NamedTuple, Protocol

from chassis.errors import Refused

BLOCK = 1 << 20
_SHA256 = re.compile("[0-9a-f]{64}")


class TooLarge(Refused):
    """More bytes than are kept."""

    status = 413


class Source(Protocol):
    """What is read block by block until there is nothing left, such as an upload."""

    async def read(self, size: int = -1, /) -> bytes: ...


class Stored(NamedTuple):
    sha256: str
    size: int


async def keep(
    folder: Path, source: Source, suffix: str = "", most_mb: int = 0, check: Callable[[bytes], None] = lambda head: None
) -> Stored:
    """Store it as `<sha256><suffix>`. `check` sees the first block, which is empty for an empty file; what it raises
    is raised. Raises TooLarge over `most_mb` (0 for no limit).
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest, size = sha256(), 0
    # Readable by the service's user alone: what people upload may be personal.
    with NamedTemporaryFile(dir=folder, prefix=".upload-", delete=False) as target:
        try:
            check(block := await source.read(BLOCK))
            while block:
                digest.update(block)
                size += target.write(block)
                if 0 < most_mb < size / BLOCK:
                    raise TooLarge("too_large", f"文件超过 {most_mb} MB: 请压缩或拆分后再上传")
                block = await source.read(BLOCK)
        except BaseException:
            Path(target.name).unlink()
            raise
        target.flush()
        os.fsync(target.fileno())
    id_ = digest.hexdigest()
    Path(target.name).replace(folder / f"{id_}{suffix}")
    return Stored(id_, size)


def is_name(id_: str) -> bool:
    """Whether it can be the name of a kept file, and so no way out of the folder."""
    return _SHA256.fullmatch(id_) is not None
