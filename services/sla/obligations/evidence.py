"""Files of evidence (凭证): kept under the hash of their content, handed out as downloads only."""

import re
from pathlib import Path
from urllib.parse import quote

from litestar.datastructures import UploadFile
from litestar.response import File as FileResponse

from chassis import files
from chassis.errors import NotFound, Refused
from contracts.obligation import EvidenceFile
from services.sla.obligations.model import Evidence
from services.sla.private import impersonal

_SAFE = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox; default-src 'none'"}
_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]{1,100}")
_ANY = "application/octet-stream"


class Empty(Refused):
    """A file without a byte."""

    status = 422


class Files:
    """`most_mb` is of one file."""

    def __init__(self, data_dir: Path, most_mb: int) -> None:
        self._folder, self._most_mb = data_dir.resolve() / "sla" / "evidence", most_mb

    def tidy(self) -> None:
        """Remove what uploads left behind that were cut off."""
        files.tidy(self._folder)

    async def keep(self, upload: UploadFile) -> EvidenceFile:
        """Raises TooLarge, Empty, or Personal for its name."""
        name = _plain(impersonal(upload.filename))  # in this order: one character may become five, or a stroke
        kept = await files.keep(self._folder, upload, most_mb=self._most_mb, check=_check)
        claimed = (upload.content_type or "").lower()
        media_type = claimed if _TYPE.fullmatch(claimed) else _ANY
        return EvidenceFile(sha256=kept.sha256, name=name, size=kept.size, media_type=media_type)

    def hand_out(self, piece: Evidence) -> FileResponse:
        """Raises NotFound."""
        path = self._folder / piece.file.sha256 if piece.file else None
        if piece.file is None or path is None or not path.exists():
            raise NotFound("no_file", "这份凭证没有文件, 或文件已被清理: 请看它的说明")
        named = f"attachment; filename*=UTF-8''{quote(piece.file.name, safe='')}"
        return FileResponse(path, media_type=piece.file.media_type, headers={**_SAFE, "Content-Disposition": named})


def _check(head: bytes) -> None:
    if not head:
        raise Empty("empty_file", "文件是空的: 请检查后重新上传")


def _plain(name: str) -> str:
    """Without folders and control characters, at most 200 characters, its ending kept."""
    plain = "".join(c for c in name.replace("\\", "/").rpartition("/")[2] if c.isprintable()).strip(" .")
    return (plain if len(plain) <= 200 else f"{plain[:180]}{plain[-20:]}") or "凭证"
