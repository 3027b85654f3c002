"""Uploaded files, named by their content: the same file twice is one file, and a run's data cannot change under it."""

from pathlib import Path
from typing import Any

from litestar.connection import ASGIConnection
from litestar.datastructures import UploadFile

from chassis import files
from chassis.errors import NotFound, Refused
from services.stats.places import upload_path
from services.stats.problem import Problem
from services.stats.settings import StatsSettings
from services.stats.sources.ingest.sniff import check_head


class Unreadable(Refused):
    """What was sent is no file that stats can read."""

    status = 422


_FORM = 1 << 20  # what a form puts around its file, at most


def within_bounds(connection: ASGIConnection[Any, Any, Any, Any], _: object) -> None:
    """A guard: the form is on disk in whole before `keep` sees it, so its size is asked for before it is read.

    Raises TooLarge, Unreadable.
    """
    settings: StatsSettings = connection.app.state.service.state["settings"]
    told = connection.headers.get("content-length", "")
    if not told.isdigit():
        raise Unreadable("no_length", "上传没有说明大小 (Content-Length): 请用浏览器或带文件大小的方式上传")
    if int(told) > (settings.upload_max_mb << 20) + _FORM:
        raise files.TooLarge("too_large", f"文件超过 {settings.upload_max_mb} MB: 请压缩或拆分后再上传")


async def keep(data_dir: Path, upload: UploadFile, most_mb: int) -> files.Stored:
    """Store the upload. Raises Unreadable, TooLarge, NoRoom."""

    def check(head: bytes) -> None:
        try:
            check_head(head, upload.filename)
        except Problem as problem:
            raise Unreadable("unreadable", str(problem)) from None

    return await files.keep(upload_path(data_dir, "x").parent, upload, most_mb=most_mb, check=check)


def must_exist(data_dir: Path, upload_id: str) -> None:
    """Raises NotFound for an id that no upload has."""
    if not files.is_name(upload_id) or not upload_path(data_dir, upload_id).exists():
        raise NotFound("not_found", "没有这个上传文件: 请先 POST /uploads 上传, 再用返回的 upload_id 提交任务")
