"""Which feeds there are: one YAML file, see deploy/stats-sources.yaml. `${NAME}` comes from the environment."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator

from chassis.configfile import Unusable, faults, filled, read
from services.stats.sources.table import tables

_WHAT = "统计数据来源配置"
Name = Annotated[str, Field(min_length=1, max_length=60)]


class Feed(BaseModel):
    """Either a `folder`, or a table of a `database`, `from_table` there (`schema.table`); read into `table`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    table: str
    folder: Path | None = None
    database: str = ""
    from_table: str = ""

    @model_validator(mode="after")
    def _is_one_of_both(self) -> "Feed":
        if (self.folder is None) == (not self.database) or bool(self.database) != bool(self.from_table):
            raise ValueError("either folder, or database and from_table")
        return self


class Feeds(BaseModel):
    """`databases` are URLs by name: postgresql://, duckdb:// or sqlite://."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    databases: dict[Name, SecretStr] = {}
    feeds: dict[Name, Feed] = {}

    def url(self, database: str) -> str:
        return self.databases[database].get_secret_value()


def load(path: Path | None, environment: Mapping[str, str] = os.environ) -> Feeds:
    """Raises Unusable, in Chinese and without secrets."""
    if path is None:
        return Feeds()
    try:
        found = Feeds.model_validate(filled(read(path, _WHAT), f"{_WHAT} {path}", environment))
    except ValidationError as error:
        raise Unusable(f"{_WHAT} {path} 有误: {faults(error)}; 写法见 deploy/stats-sources.yaml") from None
    for name, feed in found.feeds.items():
        if feed.table not in tables():
            raise Unusable(f"{_WHAT} {path}: 来源 {name} 的数据表 {feed.table} 不存在, 请从 GET /tables 的目录中选择")
        if feed.database and feed.database not in found.databases:
            raise Unusable(f"{_WHAT} {path}: 来源 {name} 的数据库 {feed.database} 没有写在 databases 中")
    return found
