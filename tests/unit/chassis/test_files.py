"""Files named by their content: the same twice is one, too large a file leaves nothing behind."""

import errno
import os
import threading
import time
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest

from chassis.errors import Refused
from chassis.files import BLOCK, NoRoom, TooLarge, is_name, keep, tidy


class Source(BytesIO):
    """As an upload is read."""

    async def read(self, size: int | None = -1, /) -> bytes:  # type: ignore[override]
        return super().read(size)


async def test_the_same_content_is_kept_once_under_its_hash(tmp_path: Path) -> None:
    content = b"x" * (BLOCK + 5)
    for _ in range(2):
        kept = await keep(tmp_path / "f", Source(content), suffix=".csv")
        assert kept == (sha256(content).hexdigest(), len(content)) and is_name(kept.sha256)
    [path] = (tmp_path / "f").iterdir()
    assert (path.name, path.read_bytes()) == (f"{kept.sha256}.csv", content)


async def test_a_file_that_is_too_large_is_refused_and_gone(tmp_path: Path) -> None:
    with pytest.raises(TooLarge, match="超过 1 MB"):
        await keep(tmp_path, Source(b"x" * (BLOCK + 1)), most_mb=1)
    assert list(tmp_path.iterdir()) == []
    assert (await keep(tmp_path, Source(b"x" * BLOCK), most_mb=1)).size == BLOCK


async def test_what_the_check_does_not_like_is_not_kept(tmp_path: Path) -> None:
    def check(head: bytes) -> None:
        if not head:
            raise Refused("empty", "空")

    with pytest.raises(Refused):
        await keep(tmp_path, Source(), check=check)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("step", ["fsync", "replace", "mkdir"])
async def test_a_full_disk_is_said_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os if step == "fsync" else Path, step, full)
    with pytest.raises(NoRoom, match="磁盘已满") as raised:
        await keep(tmp_path, Source(b"x"))
    assert (raised.value.status, list(tmp_path.iterdir())) == (507, [])


async def test_the_disk_is_written_to_beside_the_loop_and_the_name_is_on_it_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[tuple[bool, bool]] = []
    was = os.fsync

    def fsync(handle: int) -> None:
        folder = Path(f"/proc/self/fd/{handle}").resolve() == tmp_path
        synced.append((threading.current_thread() is threading.main_thread(), folder))
        was(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    await keep(tmp_path, Source(b"x"))
    assert synced == [(False, False), (False, True)]


def test_what_a_cut_off_upload_left_is_removed_after_a_day_and_nothing_else(tmp_path: Path) -> None:
    tidy(tmp_path / "nowhere")
    for name, days in ((".upload-old", 2), (".upload-new", 0), ("0" * 64, 9)):
        (tmp_path / name).write_bytes(b"x")
        then = time.time() - days * 86_400
        os.utime(tmp_path / name, (then, then))
    tidy(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".upload-new", "0" * 64]


@pytest.mark.parametrize("name", ["", "../x", "A" * 64, "0" * 63, f"{'0' * 64}\n"])
def test_a_name_that_is_no_hash_leads_nowhere(name: str) -> None:
    assert not is_name(name)
