"""What intake stands on besides its servers: the secret key, the channel file, the directory's tables.

Each check gives None, or one Chinese sentence that says what to do. Nothing is created or changed, and no secret and no
cell of a table is ever repeated.
"""

import binascii
import stat
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from chassis.vault import Vault, load_key
from services.intake.channels.config import Channels, ConfigError, load
from services.intake.channels.mail.settings import MailSettings
from services.intake.channels.outbound.senders import Budgets, Senders
from services.intake.channels.settings import (
    OnebotSettings,
    OnsiteSettings,
    PhoneSettings,
    WebSettings,
    WecomSettings,
)
from services.intake.directory.accounts import identity
from services.intake.directory.tables import FILES, NotATable, rows

SECTIONS: dict[str, Any] = {
    "wecom": WecomSettings, "onebot": OnebotSettings, "phone": PhoneSettings, "web": WebSettings,
    "onsite": OnsiteSettings, "email": MailSettings, "senders": Senders, "budgets": Budgets,
}  # fmt: skip
_WRONG = {"missing": "缺少此项", "extra_forbidden": "没有这一项, 请核对拼写"}
_SHOWN = 3


def key_trouble(configured: str, directory: Path) -> str | None:
    """Present, readable by nobody else, 32 bytes in base64."""
    path = directory / "secret.key"
    where = "YIBAO_SECRET_KEY" if configured else str(path)
    if not configured and not path.exists():
        return f"{path} 还没有: 首次启动时生成; 若服务台已运行过, 请立即从备份恢复, 否则已加密的原文无法解密"
    if not configured and (others := stat.S_IMODE(path.stat().st_mode) & 0o077):
        return f"{path} 其他用户也能访问 (权限 {others:03o}): 请运行 chmod 600 {path}"
    try:
        Vault(load_key(configured, directory))
    except PermissionError:
        return f"{where} 读不出来: 请用运行服务台的用户运行 doctor"
    except (binascii.Error, ValueError):
        return f"{where} 不是 32 字节的 base64: 请从备份恢复; 全新安装可用 openssl rand -base64 32 生成"
    return None


def channels_trouble(path: Path) -> str | None:
    """The first thing that would stop intake, with its line."""
    try:
        channels = load(path)
    except ConfigError as error:
        return _unread(error, path)
    return next(_wrong_sections(channels, path), None)


def _unread(error: ConfigError, path: Path) -> str:
    mark = getattr(error.__context__, "problem_mark", None)
    if mark is not None:
        return f"{path} 第 {mark.line + 1} 行附近不是合法的 YAML: 请检查缩进、冒号和引号"
    return str(error)


def _wrong_sections(channels: Channels, path: Path) -> Iterator[str]:
    for name, model in SECTIONS.items():
        try:
            channels.section(name, model)
        except ConfigError as error:
            if isinstance(cause := error.__context__, ValidationError):
                first = cause.errors(include_input=False, include_url=False, include_context=False)[0]
                keys = (name, *first["loc"])
                field = ".".join(map(str, keys))
                yield f"{path} 第 {_line(path, keys)} 行 {field}: {_WRONG.get(first['type'], '取值不对')}"
            else:
                yield str(error)


def _line(path: Path, keys: tuple[Any, ...]) -> int:
    """Where the deepest of the nested keys stands that the file has; counted from 1."""
    node: Any = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    line = 1
    for key in keys:
        found = [(k, v) for k, v in node.value if k.value == str(key)] if isinstance(node, yaml.MappingNode) else []
        if found:
            (at, node), *_ = found
            line = at.start_mark.line + 1
    return line


def directory_trouble(folder: Path | None) -> str | None:
    """The first rows that would be left out; None where no folder is set."""
    if folder is None:
        return None
    if not folder.is_dir():
        return f"YIBAO_DIRECTORY_SEED 指向的目录 {folder} 不存在: 请检查路径, 或去掉此设置"
    tables = [name for name in FILES if (folder / name).is_file()]
    if not tables:
        return f"{folder} 中没有可载入的文件: 应有 {', '.join(FILES)} 之一"
    # Accounts are sealed on reading; with which key does not matter here.
    problems = [p for name in tables for p in _bad_rows(folder / name, partial(identity, Vault(bytes(32))))]
    return "; ".join(problems[:_SHOWN]) + (f"; 共 {len(problems)} 处" if len(problems) > _SHOWN else "") or None


def _bad_rows(path: Path, read: Callable[..., Any]) -> list[str]:
    try:
        found = rows(FILES[path.name], path.read_bytes(), read)
        return [f"{path.name} 第 {row.line} 行: {row.problem}" for row in found if row.body is None]
    except (NotATable, OSError) as error:
        return [f"{path.name}: {error}"]
