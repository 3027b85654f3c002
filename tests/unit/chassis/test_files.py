"""Files named by their content: the same twice is one, too large a file leaves nothing behind."""

from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest

from chassis.errors import Refused
from chassis.files import BLOCK, TooLarge, is_name, keep


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


@pytest.mark.parametrize("name", ["", "../x", "A" * 64, "0" * 63, f"{'0' * 64}\n"])
def test_a_name_that_is_no_hash_leads_nowhere(name: str) -> None:
    assert not is_name(name)
