"""Why a stack cannot start, in one Chinese sentence that says what to do."""

import errno
import shutil
import socket
from pathlib import Path

LEAST_FREE_BYTES = 500 * 1024 * 1024


class Problem(Exception):
    """Shown to the user as it is, without a traceback."""


def port_in_use(port: int, what: str, setting: str) -> Problem:
    return Problem(f"端口 {port} 已被占用, {what}无法启动: 请结束占用它的程序, 或用环境变量 {setting} 换一个端口")


def check_port(port: int, what: str, setting: str) -> None:
    """Raises Problem when somebody listens on `port` already."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                raise port_in_use(port, what, setting) from None
            raise


def check_disk(directory: Path) -> None:
    """Raises Problem when the disk is full or the directory cannot be written."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        probe = directory / ".probe"
        probe.write_bytes(b"x")
        probe.unlink()
    except OSError as error:
        raise Problem(
            f"目录 {directory} 不可写 ({error.strerror}): 请检查磁盘与权限, 或用 YIBAO_DATA_DIR 换一个目录"
        ) from None
    free = shutil.disk_usage(directory).free
    if free < LEAST_FREE_BYTES:
        raise Problem(
            f"磁盘空间不足: {directory} 仅剩 {free // 1024 // 1024} MB, 至少需要 500 MB; "
            "请清理磁盘, 或用 YIBAO_DATA_DIR 换一个目录"
        )
