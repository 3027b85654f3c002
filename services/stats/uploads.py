"""Uploaded files, named by their content: the same file twice is one file, and a run's data cannot change under it."""

import os
import re
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile

from litestar.datastructures import UploadFile

from chassis.errors import NotFound, Refused
from services.stats.encoding import Problem, check_head
from services.stats.job import upload_path

_BLOCK = 1 << 20
_ID = re.compile("[0-9a-f]{64}")


class NotCsv(Refused):
    """What was sent is not a CSV file."""

    status = 422


async def keep(data_dir: Path, upload: UploadFile) -> tuple[str, int]:
    """Store the upload; returns its id and size in bytes. Raises NotCsv."""
    folder = upload_path(data_dir, "").parent
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest, size = sha256(), 0
    # Readable by the service's user alone: an upload still holds what ingest masks.
    with NamedTemporaryFile(dir=folder, prefix=".upload-", delete=False) as target:
        try:
            while block := await upload.read(_BLOCK):
                if not size:
                    _check(block)
                digest.update(block)
                size += target.write(block)
            if not size:
                _check(b"")
        except BaseException:
            Path(target.name).unlink()
            raise
        target.flush()
        os.fsync(target.fileno())
    upload_id = digest.hexdigest()
    Path(target.name).replace(upload_path(data_dir, upload_id))
    return upload_id, size


def _check(head: bytes) -> None:
    try:
        check_head(head)
    except Problem as problem:
        raise NotCsv("not_csv", str(problem)) from None


def must_exist(data_dir: Path, upload_id: str) -> None:
    """Raises NotFound for an id that no upload has."""
    if not _ID.fullmatch(upload_id) or not upload_path(data_dir, upload_id).exists():
        raise NotFound("not_found", "没有这个上传文件: 请先 POST /uploads 上传, 再用返回的 upload_id 提交任务")
