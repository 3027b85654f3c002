"""An upload of any kind to batches: the kind is seen in its contents, a ZIP is opened member by member."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

from chassis.personal.masking import mask
from services.stats.problem import Problem
from services.stats.sources.ingest.archive import members
from services.stats.sources.ingest.batch import Batch, Log
from services.stats.sources.ingest.columnar import read_parquet
from services.stats.sources.ingest.lines import read_lines
from services.stats.sources.ingest.sniff import HEAD, check_head
from services.stats.sources.table import Table


class Opener:
    """How the files of one upload are read."""

    def __init__(
        self, table: Table, scratch: Path, log: Log, memory_mb: int, headerless: bool, layout: str = ""
    ) -> None:
        self._table, self._scratch, self._log = table, scratch, log
        self._memory_mb, self._headerless, self._layout = memory_mb, headerless or bool(layout), layout

    def batches(self, path: Path, name: str) -> Iterator[Batch]:
        """Raises Problem, some of them only when a batch is asked for."""
        with path.open("rb") as source:
            kind = check_head(source.read(HEAD), name)
        name = mask(name)
        if kind == "parquet":
            yield from read_parquet(path, name, self._table, self._log)
        elif kind == "text":
            yield from read_lines(path, name, self._table, self._log, self._headerless, self._layout)
        elif kind == "xls" or _is_workbook(path):
            from services.stats.sources.ingest.sheets import (
                read_workbook,  # takes half a second, and most are no sheets
            )

            yield from read_workbook(path, name, self._table, self._log, self._memory_mb)
        else:
            yield from self._archive(path)

    def _archive(self, path: Path) -> Iterator[Batch]:
        with zipfile.ZipFile(path) as archive:
            count = len(archive.infolist())
        refused: list[str] = []
        for n, (name, member) in enumerate(members(path, self._scratch)):
            if not self._is_data(member, mask(name), refused):
                continue
            try:
                for batch in self.batches(member, name):
                    yield batch._replace(done=min((n + batch.done) / count, 1.0))
            except Problem as problem:
                raise Problem(f"压缩包中的“{mask(name)}”: {problem}") from None
        if not self._log.files:
            raise Problem(f"压缩包中没有可以读取的文件: {refused[0]}" if refused else "压缩包中没有可以读取的文件")

    def _is_data(self, member: Path, name: str, refused: list[str]) -> bool:
        """What is no data beside data (a note, a scan) is left out, and said; an archive in an archive is not."""
        with member.open("rb") as source:
            head = source.read(HEAD)
        try:
            nested = check_head(head) == "zip" and not _is_workbook(member)
        except Problem as problem:
            refused.append(f"“{name}”: {problem}")
            self._log.note(f"压缩包中的“{name}”未读入: {problem}")
            return False
        if nested:
            raise Problem("压缩包中还有压缩包: 请解开后直接压缩数据文件")
        return True


def _is_workbook(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, NotImplementedError):
        raise Problem("压缩包或工作簿已损坏: 请重新导出或压缩后上传") from None
    if "xl/workbook.bin" in names:
        raise Problem("这是二进制工作簿 (xlsb): 请用 Excel 另存为 xlsx 后再上传")
    if "word/document.xml" in names:
        raise Problem("这是 Word 文档: 请导出 CSV 或 Excel 后再上传")
    return "xl/workbook.xml" in names
