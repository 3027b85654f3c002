"""What `yibao doctor` says about the key, the channel file and the tables: one sentence, with the line, no secret."""

from base64 import b64encode
from pathlib import Path

import pytest

from tests.unit.deploy.deployment import CHINESE, DEPLOY
from yibao.configured import channels_trouble, directory_trouble, key_trouble

GOOD = b64encode(b"k" * 32).decode()


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "secret.key"
    path.write_text(GOOD)
    path.chmod(0o600)
    return path


def test_a_key_of_32_bytes_that_only_its_owner_reads_is_fine(key: Path) -> None:
    assert key_trouble("", key.parent) is None
    assert key_trouble(GOOD, key.parent / "elsewhere") is None


def test_a_key_that_is_missing_is_told_and_not_made(tmp_path: Path) -> None:
    trouble = key_trouble("", tmp_path)
    assert trouble and "备份" in trouble
    assert not (tmp_path / "secret.key").exists()


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o602])
def test_a_key_that_others_reach_is_told_with_what_to_do(key: Path, mode: int) -> None:
    key.chmod(mode)
    trouble = key_trouble("", key.parent)
    assert trouble and f"chmod 600 {key}" in trouble


@pytest.mark.parametrize("text", ["", "short", b64encode(b"k" * 16).decode(), "not base64 at all!"])
def test_a_key_that_is_no_key_is_told_without_repeating_it(key: Path, text: str) -> None:
    key.write_text(text)
    trouble = key_trouble("", key.parent)
    assert trouble and "32 字节" in trouble and (not text or text not in trouble)


def test_a_bad_key_of_the_environment_is_called_by_its_variable(tmp_path: Path) -> None:
    trouble = key_trouble("c2hvcnQ=", tmp_path)
    assert trouble and "YIBAO_SECRET_KEY" in trouble and "c2hvcnQ=" not in trouble


@pytest.fixture
def channels(tmp_path: Path) -> Path:
    return tmp_path / "channels.yaml"


def test_the_channel_file_of_the_containers_is_sound() -> None:
    assert channels_trouble(DEPLOY / "channels.yaml") is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("phone: {}\nweb:\n  secrt: hidden-word\n", ("第 3 行", "web.secrt", "核对拼写")),
        ("phone: {}\n\nphone2: {}\n", ("不认识的渠道 phone2",)),
        ("phone: {}\nemail:\n  address: desk@example.cn\n", ("第 2 行", "email.imap", "缺少此项")),
        ("email:\n  address: desk@example.cn\n  imap:\n    host: h\n    port: 99999\n", ("第 5 行", "email.imap.port")),
        ("senders:\n  web:\n    kind: webhook\n    url: https://a.example\n", ("第 2 行", "senders.web", "缺少此项")),
        ("phone: {}\nweb: {\n", ("第 3 行", "YAML")),
        ("web: {secret: '${NO_SUCH_NAME_HERE}'}\n", ("NO_SUCH_NAME_HERE", "没有设置")),
        ("- phone\n", ("渠道: 设置",)),
    ],
)
def test_a_mistake_in_the_channel_file_is_named_with_its_line(channels: Path, text: str, told: tuple[str, ...]) -> None:
    channels.write_text(text, encoding="utf-8")
    trouble = channels_trouble(channels)
    assert trouble and CHINESE.search(trouble)
    assert all(word in trouble for word in (str(channels), *told)), trouble
    assert "hidden-word" not in trouble


def test_a_channel_file_that_is_not_there_is_told(channels: Path) -> None:
    trouble = channels_trouble(channels)
    assert trouble and str(channels) in trouble


def test_the_directory_is_fine_when_none_is_set_and_when_its_tables_are() -> None:
    assert directory_trouble(None) is None
    assert directory_trouble(DEPLOY / "directory") is None


def test_a_directory_that_is_missing_or_empty_is_told(tmp_path: Path) -> None:
    missing, empty = directory_trouble(tmp_path / "nowhere"), directory_trouble(tmp_path)
    assert missing and "不存在" in missing
    assert empty and "institutions.csv" in empty


def test_bad_rows_are_told_by_file_and_line_and_never_by_their_content(tmp_path: Path) -> None:
    (tmp_path / "institutions.csv").write_text("code,name\nnot-a-code,县医院\n", encoding="utf-8")
    (tmp_path / "staff.csv").write_bytes(b"whatever\n")
    trouble = directory_trouble(tmp_path)
    assert trouble and "institutions.csv 第 2 行" in trouble and "staff.csv" in trouble
    assert "县医院" not in trouble and "not-a-code" not in trouble
