"""nats.conf: the server's parser takes a second setting on a line for part of the first one's value."""

import re
import subprocess
from pathlib import Path

from tests.unit.deploy.deployment import DEPLOY, ROOT, compose, tool
from yibao.passwords import made, written

CONF = (DEPLOY / "nats" / "nats.conf").read_text(encoding="utf-8")


def jetstream() -> list[str]:
    """The lines inside `jetstream { }`, without comments."""
    block = re.search(r"(?ms)^jetstream \{\n(.*?)^\}", CONF)
    assert block
    return [line.strip() for line in block[1].splitlines() if line.strip() and not line.strip().startswith("#")]


def test_jetstream_has_one_setting_per_line() -> None:
    assert all(re.fullmatch(r"[a-z_]+: [^\s:,;{}]+", line) for line in jetstream())


def test_every_message_is_on_the_disk_before_it_is_acknowledged() -> None:
    assert "sync_interval: always" in jetstream()


def test_the_store_is_the_mounted_volume() -> None:
    [store] = [line.removeprefix("store_dir: ") for line in jetstream() if line.startswith("store_dir")]
    assert f"nats-data:{store}" in compose()["services"]["nats"]["volumes"]


def test_a_message_may_be_as_large_as_with_the_embedded_server() -> None:
    assert re.search(r"(?m)^max_payload: 4MB$", CONF)


def test_the_server_accepts_the_file(tmp_path: Path) -> None:
    config = tmp_path / "nats.conf"
    config.write_text(CONF.replace("/data", str(tmp_path)), encoding="utf-8")
    written(tmp_path, made(tmp_path))
    done = subprocess.run([tool("nats-server"), "-t", "-c", config], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_server_starts_only_with_its_users(tmp_path: Path) -> None:
    config = tmp_path / "nats.conf"
    config.write_text(CONF.replace("/data", str(tmp_path)), encoding="utf-8")
    done = subprocess.run([tool("nats-server"), "-t", "-c", config], capture_output=True, text=True, check=False)
    assert done.returncode != 0 and "users.conf" in done.stderr


def test_the_folder_of_the_configuration_is_mounted_and_its_passwords_stay_out_of_the_repository() -> None:
    assert "./deploy/nats:/etc/nats:ro" in compose()["services"]["nats"]["volumes"]
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert {"deploy/nats/users.conf", "deploy/nats/*.env"} <= set(ignored)
