"""A table of a database becomes the very file that its export would have become; a watched folder tells what is new."""

import os
import sqlite3
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest

from services.stats.problem import Problem
from services.stats.sources.external import fetch, folder, named
from tests.support.postgres import postgres
from tests.support.stats_ingest import CODES, KEY, TABLE, Read, good, lines

COLUMNS = (
    "setl_id varchar(30), psn_no varchar(30), psn_name varchar(30), tel varchar(30), insutype varchar(9), "
    "admdvs varchar(9), setl_time timestamp, hospital varchar(90), medfee {number}, refd integer"
)
ROWS = [good(2), good(1).replace("2026-01-02", "2026-02-01"), good(3).replace(",310,", ",999,")]


def statements(number: str, name: str = "setl_d") -> list[str]:
    rows = ["'" + row.replace(",", "','") + "'" for row in ROWS]
    return [
        f"CREATE TABLE {name} ({COLUMNS.format(number=number)})",
        *(f"INSERT INTO {name} VALUES ({r})" for r in rows),
    ]


def fetched(folder: Path, url: str, name: str = "setl_d", **options: Any) -> Any:
    folder.mkdir(exist_ok=True)
    return fetch(url, name, TABLE, folder, key=KEY, memory_mb=1024, progress=lambda share: None, codes=CODES, **options)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres() as url:
        with psycopg.connect(url) as connection:
            connection.execute("CREATE SCHEMA his")
            for statement in statements("numeric", "his.setl_d"):
                connection.execute(statement.encode())
        yield url


@pytest.fixture(params=["postgres", "duckdb", "sqlite"])
def source(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str]:
    """A URL and the table there."""
    if request.param == "postgres":
        return request.getfixturevalue("server"), "his.setl_d"
    path = tmp_path / request.param
    if request.param == "duckdb":
        with duckdb.connect(str(path)) as database:
            for statement in statements("DECIMAL(18,4)"):
                database.execute(statement)
        return f"duckdb://{path}", "setl_d"
    with sqlite3.connect(path) as light:
        light.executescript(";".join(statements("numeric")))
    return f"sqlite://{path}", "setl_d"


def test_a_table_of_a_database_is_the_very_file_of_its_export(tmp_path: Path, source: tuple[str, str]) -> None:
    got = fetched(tmp_path / "db", *source)
    exported = Read(tmp_path, lines(ROWS[1], ROWS[0], ROWS[2]).encode())  # sorted by key
    assert got.sha256 == exported.outcome.sha256
    assert (got.rows_in, got.reasons) == (3, exported.outcome.reasons)
    assert (got.since, got.until) == ("2026-01-02", "2026-02-01")
    assert "张三" not in (tmp_path / "db" / "rejects.csv").read_text("utf-8")


def test_only_the_window_is_asked_for(tmp_path: Path, source: tuple[str, str]) -> None:
    got = fetched(tmp_path / "db", *source, since=date(2026, 2, 1), until=date(2026, 3, 1))
    assert got.rows_in == 1


def test_the_words_of_a_problem_do_not_hold_the_address(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="连不上") as problem:
        fetched(tmp_path / "db", "postgresql://somebody:secret@127.0.0.1:1/none")
    assert "secret" not in str(problem.value)
    with pytest.raises(Problem, match="没有表"):
        fetched(tmp_path / "db", f"duckdb://{_empty(tmp_path)}")
    with pytest.raises(Problem, match="表名"):
        fetched(tmp_path / "db", "sqlite:///x", "setl_d; DROP TABLE x")
    with pytest.raises(Problem, match="开头"):
        fetched(tmp_path / "db", "mysql://x")
    with pytest.raises(Problem, match="centre"):
        named({"centre": "postgresql://"}, "other")
    assert list((tmp_path / "db").iterdir()) == []


def test_a_database_that_fails_in_the_middle_is_told_without_its_words(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "broken.db")) as database:
        for statement in statements("DECIMAL(18,4)", "whole"):
            database.execute(statement)
        database.execute("CREATE VIEW setl_d AS SELECT * REPLACE (error('张三 62010001') AS insutype) FROM whole")
    with pytest.raises(Problem, match="中途出错") as problem:
        fetched(tmp_path / "db", f"duckdb://{tmp_path / 'broken.db'}")
    assert "张三" not in str(problem.value)
    assert list((tmp_path / "db").iterdir()) == []


def _empty(folder: Path) -> Path:
    duckdb.connect(str(folder / "empty.db")).close()
    return folder / "empty.db"


def test_a_watched_folder_tells_what_is_new_and_whole(tmp_path: Path) -> None:
    for n, name in enumerate(["b.csv", "a.csv", ".hidden", "~$a.xlsx", "c.csv.part", "late.csv"]):
        (tmp_path / name).write_bytes(b"x")
        os.utime(tmp_path / name, (n, n))
    (tmp_path / "folder").mkdir()
    (tmp_path / "link.csv").symlink_to(tmp_path / "b.csv")
    (tmp_path / "broken.csv").symlink_to(tmp_path / "nowhere")
    os.utime(tmp_path / "late.csv", (100, 100))
    found = folder(tmp_path, (), settled_before=50)
    assert [w.name for w in found] == ["b.csv", "a.csv"]
    assert [w.name for w in folder(tmp_path, {found[0].mark}, settled_before=50)] == ["a.csv"]
    (tmp_path / "b.csv").write_bytes(b"changed")
    os.utime(tmp_path / "b.csv", (0, 0))
    assert [w.name for w in folder(tmp_path, {w.mark for w in found}, settled_before=50)] == ["b.csv"]
    with pytest.raises(Problem, match="无法读取"):
        folder(tmp_path / "none", (), 0)
