"""What keeps `yibao up` from starting is told in one Chinese sentence that says what to do; never a traceback."""

import fcntl
import re
import socket
import sys
from collections.abc import Iterator
from contextlib import closing
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from tests.support.servers import settings_in
from yibao import embedded, problems
from yibao.main import built
from yibao.settings import StackSettings

CHINESE = re.compile("[一-鿿]")


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StackSettings:
    """Those of the `yibao up` that is going to fail."""
    own = settings_in(tmp_path / "desk")
    for name in ("data_dir", *(name for name in StackSettings.model_fields if name.endswith("_port"))):
        monkeypatch.setenv(f"YIBAO_{name.upper()}", str(getattr(own, name)))
    return own


def problem() -> str:
    """The sentence with which `yibao up` gives up."""
    result = CliRunner().invoke(built(["up"]), ["up"])
    starting, sentence, *more = result.output.splitlines()
    assert (result.exit_code, starting, more) == (1, "正在启动医保服务台 …", [])
    assert isinstance(result.exception, SystemExit) and "Traceback" not in result.output
    assert CHINESE.search(sentence) and re.search("[:;] 请", sentence), "it says what to do"
    return sentence


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which somebody listens."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        yield listener.getsockname()[1]


@pytest.mark.parametrize(
    ("variable", "what"),
    [
        ("YIBAO_NATS_PORT", "nats-server"),
        pytest.param("YIBAO_MONGO_PORT", "mongod", marks=pytest.mark.real),
        pytest.param("YIBAO_INTAKE_PORT", "服务 intake", marks=pytest.mark.real),
    ],
)
def test_a_port_in_use_is_named_with_the_variable_that_changes_it(
    settings: StackSettings, taken: int, monkeypatch: pytest.MonkeyPatch, variable: str, what: str
) -> None:
    monkeypatch.setenv(variable, str(taken))
    sentence = problem()
    assert str(taken) in sentence and what in sentence and variable in sentence


def test_without_a_nats_server_for_the_platform_containers_are_the_way(
    settings: StackSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    sentence = problem()
    assert "nats-server" in sentence and "docker compose up" in sentence and "YIBAO_NATS_URL" in sentence


@pytest.mark.real
def test_without_a_mongod_for_the_platform_containers_are_the_way(
    settings: StackSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(name: str) -> None:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(embedded, "distribution", absent)
    sentence = problem()
    assert "mongod" in sentence and "docker compose up" in sentence and "YIBAO_MONGO_URL" in sentence


def test_a_full_disk_is_told_with_what_is_left(settings: StackSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = SimpleNamespace(disk_usage=lambda _: SimpleNamespace(free=12 * 1024 * 1024))
    monkeypatch.setattr(problems, "shutil", disk)
    sentence = problem()
    assert "磁盘空间不足" in sentence and "12 MB" in sentence and str(settings.data_dir) in sentence


@pytest.mark.parametrize("below", ["", "/desk"])
def test_a_directory_that_cannot_be_written_is_named(
    settings: StackSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, below: str
) -> None:
    (tmp_path / "file").touch()  # root may write into any directory, but not below a file
    monkeypatch.setenv("YIBAO_DATA_DIR", f"{tmp_path}/file{below}")
    sentence = problem()
    assert "不可写" in sentence and f"{tmp_path}/file{below}" in sentence and "YIBAO_DATA_DIR" in sentence


def test_a_second_up_on_the_same_directory_is_refused(settings: StackSettings) -> None:
    settings.data_dir.mkdir()
    with (settings.data_dir / "up.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        sentence = problem()
    assert "已有一个 yibao up 在运行" in sentence and str(settings.data_dir) in sentence


def test_brackets_in_a_path_are_shown_as_they_are(
    settings: StackSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("YIBAO_DATA_DIR", f"{tmp_path}/file/[/red][bold]")
    assert "[/red][bold]" in problem()
