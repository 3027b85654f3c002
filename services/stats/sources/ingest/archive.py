"""ZIP archives: what may be in them, and each member as a file of its own, never under a name that it chose."""

import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from services.stats.problem import Problem
from services.stats.sources.ingest.markup import MOST_EXPANDED, check_bomb

MOST_FILES = 50
_BLOCK = 1 << 20
_SPARE = 2 << 30
"""What the other services and the result itself need of the disk."""
_NESTED = (".zip", ".rar", ".7z", ".gz", ".tgz", ".tar")
_IGNORED = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")


def members(path: Path, scratch: Path) -> Iterator[tuple[str, Path]]:
    """The name and the contents of each file, one after the other: each is gone before the next one is unpacked.

    Raises Problem.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            checked = _checked(archive)
            _check_room(scratch, max(info.file_size for _, info in checked))
            for name, info in checked:
                unpacked = scratch / "member"
                _unpack(archive, info, unpacked)
                try:
                    yield name, unpacked
                finally:
                    unpacked.unlink(missing_ok=True)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, zipfile.LargeZipFile):
        raise Problem("压缩包已损坏或用了不支持的压缩方法: 请重新压缩为 ZIP 后上传") from None


def _checked(archive: zipfile.ZipFile) -> list[tuple[str, zipfile.ZipInfo]]:
    named = [(_name(info), info) for info in archive.infolist() if not info.is_dir()]
    named = [(name, info) for name, info in named if not any(part in name for part in _IGNORED)]
    if not named:
        raise Problem("压缩包是空的: 请检查导出是否成功")
    if len(named) > MOST_FILES:
        raise Problem(f"压缩包中超过 {MOST_FILES} 个文件: 请分几次上传")
    if any(info.flag_bits & 1 for _, info in named):
        raise Problem("压缩包有密码: 请去掉密码后再上传")
    if any(_escapes(name) for name, _ in named):
        raise Problem("压缩包中的文件路径不安全 (含 .. 或绝对路径), 不予读取: 请重新压缩")
    if any(name.lower().endswith(_NESTED) for name, _ in named):
        raise Problem("压缩包中还有压缩包: 请解开后直接压缩数据文件")
    check_bomb(archive)
    return sorted(named, key=lambda pair: pair[0])


def _check_room(scratch: Path, size: int) -> None:
    if size > _BLOCK and size + _SPARE > shutil.disk_usage(scratch).free:
        raise Problem(f"服务器磁盘放不下解压后的文件 ({size >> 20} MB): 请联系运维清理磁盘, 或拆分后上传")


def _name(info: zipfile.ZipInfo) -> str:
    """Names of archives made on Chinese Windows are in GBK and do not say so."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return info.filename


def _escapes(name: str) -> bool:
    path = PurePosixPath(name.replace("\\", "/"))
    return path.is_absolute() or ".." in path.parts or ":" in name


def _unpack(archive: zipfile.ZipFile, info: zipfile.ZipInfo, to: Path) -> None:
    written = 0
    with archive.open(info) as source, to.open("wb") as target:
        while block := source.read(_BLOCK):
            written += len(block)
            if written > min(info.file_size, MOST_EXPANDED):  # whatever it said before
                raise Problem("压缩包解压后的大小与声明不符, 不予读取: 请重新压缩")
            target.write(block)
