"""Uploaded files, named by their content: the same file twice is one file, and a run's data cannot change under it."""

from pathlib import Path

from litestar.datastructures import UploadFile

from chassis import files
from chassis.errors import NotFound, Refused
from services.stats.encoding import Problem, check_head
from services.stats.job import upload_path


class NotCsv(Refused):
    """What was sent is not a CSV file."""

    status = 422


async def keep(data_dir: Path, upload: UploadFile) -> tuple[str, int]:
    """Store the upload; returns its id and size in bytes. Raises NotCsv."""
    path = upload_path(data_dir, "")
    return await files.keep(path.parent, upload, suffix=path.name, check=_check)


def _check(head: bytes) -> None:
    try:
        check_head(head)
    except Problem as problem:
        raise NotCsv("not_csv", str(problem)) from None


def must_exist(data_dir: Path, upload_id: str) -> None:
    """Raises NotFound for an id that no upload has."""
    if not files.is_name(upload_id) or not upload_path(data_dir, upload_id).exists():
        raise NotFound("not_found", "没有这个上传文件: 请先 POST /uploads 上传, 再用返回的 upload_id 提交任务")
