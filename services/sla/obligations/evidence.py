"""Files of evidence (凭证): no programs; kept under the hash of their content, handed out as downloads only."""

from pathlib import Path
from typing import Final
from urllib.parse import quote

from litestar.datastructures import UploadFile
from litestar.response import File as FileResponse

from chassis import files
from chassis.errors import NotFound, Refused
from chassis.sniff import UNKNOWN, sniff
from contracts.obligation import EvidenceFile
from services.sla.obligations.model import Evidence
from services.sla.private import impersonal

_SAFE = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox; default-src 'none'"}
_OFFICE = "application/vnd.openxmlformats-officedocument"
_PLAIN: Final = frozenset((
    "application/pdf", "image/png", "image/jpeg", "image/gif", "image/webp", "text/plain", "text/csv",
    "application/msword", "application/vnd.ms-excel",
    f"{_OFFICE}.wordprocessingml.document", f"{_OFFICE}.spreadsheetml.sheet",
))  # fmt: skip
"""What files are handed out as; the uploader's word once decided about those that are there already."""


class Empty(Refused):
    """A file without a byte."""

    status = 422


class NotAllowed(Refused):
    """A program or a script."""

    status = 415


class Files:
    """`most_mb` is of one file."""

    def __init__(self, data_dir: Path, most_mb: int) -> None:
        self._folder, self._most_mb = data_dir.resolve() / "sla" / "evidence", most_mb

    def tidy(self) -> None:
        """Remove what uploads left behind that were cut off."""
        files.tidy(self._folder)

    async def keep(self, upload: UploadFile) -> EvidenceFile:
        """Raises TooLarge, Empty, NotAllowed, or Personal for its name."""
        name = _plain(impersonal(upload.filename))  # in this order: one character may become five, or a stroke
        types: list[str] = []
        kept = await files.keep(
            self._folder, upload, most_mb=self._most_mb, check=lambda head: types.append(_type(name, head))
        )
        return EvidenceFile(sha256=kept.sha256, name=name, size=kept.size, media_type=types[0])

    def hand_out(self, piece: Evidence) -> FileResponse:
        """Raises NotFound."""
        path = self._folder / piece.file.sha256 if piece.file else None
        if piece.file is None or path is None or not path.exists():
            raise NotFound("no_file", "这份凭证没有文件, 或文件已被清理: 请看它的说明")
        named = f"attachment; filename*=UTF-8''{quote(piece.file.name, safe='')}"
        media_type = piece.file.media_type if piece.file.media_type in _PLAIN else UNKNOWN
        return FileResponse(path, media_type=media_type, headers={**_SAFE, "Content-Disposition": named})


def _type(name: str, head: bytes) -> str:
    """By its first block, whatever the uploader says."""
    if not head:
        raise Empty("empty_file", "文件是空的: 请检查后重新上传")
    if (found := sniff(name, head)) is None:
        raise NotAllowed("not_allowed", "凭证是程序或脚本, 不接收: 请改交截图、扫描件或文档")
    return found.media_type


def _plain(name: str) -> str:
    """Without folders and control characters, at most 200 characters, its ending kept."""
    plain = "".join(c for c in name.replace("\\", "/").rpartition("/")[2] if c.isprintable()).strip(" .")
    return (plain if len(plain) <= 200 else f"{plain[:180]}{plain[-20:]}") or "凭证"
