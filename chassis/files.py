"""Files on disk named by their content: the same file twice is one file, and what was kept cannot change."""

import asyncio
import errno
import os
import re
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from time import time
from typing import IO, NamedTuple, Protocol

from chassis.errors import Refused

BLOCK = 1 << 20
_UNFINISHED, _DAY_S = ".upload-", 86_400
_SHA256 = re.compile("[0-9a-f]{64}")


class TooLarge(Refused):
    """More bytes than are kept."""

    status = 413


class NoRoom(Refused):
    """The disk is full."""

    status = 507


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
    is raised. Raises TooLarge over `most_mb` (0 for no limit), NoRoom when the disk is full.

    The disk is written to in a thread: a slow one would hold up everything else that the service does.
    """
    try:
        return await _keep(folder, source, suffix, most_mb, check)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise NoRoom("no_room", "磁盘已满, 文件没有保存: 请联系运维清理后重新上传") from None


async def _keep(folder: Path, source: Source, suffix: str, most_mb: int, check: Callable[[bytes], None]) -> Stored:
    digest, size = sha256(), 0
    target = await asyncio.to_thread(_begin, folder)
    try:
        check(block := await source.read(BLOCK))
        while block:
            digest.update(block)
            size += await asyncio.to_thread(target.write, block)
            if 0 < most_mb < size / BLOCK:
                raise TooLarge("too_large", f"文件超过 {most_mb} MB: 请压缩或拆分后再上传")
            block = await source.read(BLOCK)
        id_ = digest.hexdigest()
        await asyncio.to_thread(_finish, target, folder / f"{id_}{suffix}")
    except BaseException:
        Path(target.name).unlink(missing_ok=True)
        with suppress(OSError):  # a full disk is told of when closing, too
            target.close()
        raise
    return Stored(id_, size)


def _begin(folder: Path) -> IO[bytes]:
    """Readable by the service's user alone: what people upload may be personal."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return NamedTemporaryFile(dir=folder, prefix=_UNFINISHED, delete=False)


def _finish(target: IO[bytes], path: Path) -> None:
    """On disk with its content and its name, whatever happens now."""
    target.flush()
    os.fsync(target.fileno())
    target.close()
    Path(target.name).replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def tidy(folder: Path) -> None:
    """Remove what was left by uploads that were cut off more than a day ago; those of now may still go on."""
    for path in folder.glob(f"{_UNFINISHED}*"):
        with suppress(FileNotFoundError):
            if time() - path.stat().st_mtime > _DAY_S:
                path.unlink()


def is_name(id_: str) -> bool:
    """Whether it can be the name of a kept file, and so no way out of the folder."""
    return _SHA256.fullmatch(id_) is not None
