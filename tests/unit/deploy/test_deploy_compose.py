"""docker-compose.yml cannot be run everywhere; what it says can be checked everywhere."""

import importlib
import json
import re
import tomllib
from importlib import resources
from typing import Any

import pytest

from chassis.permissions import USERS
from chassis.settings import Settings
from services.intake.channels.config import load
from services.intake.channels.settings import PhoneSettings, WecomSettings
from services.notify.providers.config import load as load_providers
from services.stats.feeds.config import load as load_feeds
from tests.unit.deploy.deployment import ROOT, compose, dockerfile, no_such_command, setting_variables
from yibao.services import SERVICES

COMPOSE = compose()
CONTAINERS: dict[str, dict[str, Any]] = COMPOSE["services"]
PRODUCT = {name: c for name, c in CONTAINERS.items() if c["image"].startswith("yibao-desk:")}
ONE_SHOT = {"provision", "cli"}

# The compose specification's keys that this file uses; a misspelt key is otherwise silently without effect.
TOP = {"name", "services", "volumes"}
CONTAINER = {
    "build", "cap_drop", "command", "depends_on", "env_file", "environment", "healthcheck", "image", "init", "logging",
    "mem_limit", "ports", "profiles", "restart", "security_opt", "stop_grace_period", "volumes",
}  # fmt: skip
HEALTHCHECK = {"disable", "interval", "retries", "start_interval", "start_period", "test", "timeout"}
CONDITIONS = {"service_healthy", "service_completed_successfully", "service_started"}
DURATION = re.compile(r"\d+(ms|s|m|h)")
each_container = pytest.mark.parametrize("name", CONTAINERS)


def test_the_file_has_only_keys_that_compose_knows() -> None:
    assert {key for key in COMPOSE if not key.startswith("x-")} == TOP
    for name, container in CONTAINERS.items():
        assert set(container) <= CONTAINER, name
        assert set(container.get("build", {})) <= {"context", "dockerfile"}, name
        assert set(container.get("logging", {})) <= {"driver", "options"}, name
        assert set(container.get("healthcheck", {})) <= HEALTHCHECK, name


def test_the_file_fits_the_compose_specification() -> None:
    pytest.importorskip(
        "check_jsonschema", reason="check-jsonschema, which carries the specification, is not installed"
    )
    packaged = resources.files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json"
    schema = json.loads(packaged.read_text(encoding="utf-8"))
    validator = importlib.import_module("jsonschema").validators.validator_for(schema)(schema)
    assert [error.message for error in validator.iter_errors(COMPOSE)] == []


@each_container
def test_images_are_pinned_to_a_full_version(name: str) -> None:
    tag = CONTAINERS[name]["image"].rpartition(":")[2]
    assert re.fullmatch(r"v?\d+\.\d+\.\d+(-alpine)?", tag), CONTAINERS[name]["image"]


@each_container
def test_values_have_the_types_that_compose_expects(name: str) -> None:
    container = CONTAINERS[name]
    assert re.fullmatch(r"\d+[mg]", container["mem_limit"]), "a memory limit, so that one part cannot starve the others"
    assert container["restart"] in ("unless-stopped", "no"), "quoted: a bare no is a boolean"
    assert (container["restart"] == "no") == (name in ONE_SHOT)
    assert all(isinstance(word, str) for word in container.get("command", []))
    assert all(isinstance(value, str) for value in container.get("environment", {}).values())
    times = [v for k, v in container.get("healthcheck", {}).items() if k not in ("test", "retries", "disable")]
    assert all(DURATION.fullmatch(time) for time in times)


@each_container
def test_ports_are_published_on_loopback_only(name: str) -> None:
    for port in CONTAINERS[name].get("ports", []):
        assert re.fullmatch(r"127\.0\.0\.1:\d+:\d+", port)


def test_no_two_containers_publish_the_same_port() -> None:
    published = [port.split(":")[1] for c in CONTAINERS.values() for port in c.get("ports", [])]
    assert len(published) == len(set(published))


@each_container
def test_containers_wait_only_for_what_exists_and_can_become_true(name: str) -> None:
    image_has_health = any(i.name == "HEALTHCHECK" for i in dockerfile())
    for other, wait in CONTAINERS[name].get("depends_on", {}).items():
        awaited = CONTAINERS[other]
        assert wait["condition"] in CONDITIONS
        if wait["condition"] == "service_healthy":
            assert awaited.get("healthcheck", {}).get("test") or (other in PRODUCT and image_has_health)
        if wait["condition"] == "service_completed_successfully":
            assert awaited["restart"] == "no"


@each_container
def test_mounted_files_exist_and_named_volumes_are_declared(name: str) -> None:
    for mount in CONTAINERS[name].get("volumes", []):
        source = mount.split(":")[0]
        assert (ROOT / source).exists() if source.startswith(".") else source in COMPOSE["volumes"], mount
        assert not source.startswith(".") or mount.endswith(":ro"), "the repository is not written to"


def test_every_declared_volume_is_used() -> None:
    used = {mount.split(":")[0] for c in CONTAINERS.values() for mount in c.get("volumes", [])}
    assert used >= set(COMPOSE["volumes"])


@pytest.mark.parametrize("entry", SERVICES, ids=lambda e: e.name)
def test_each_service_runs_on_its_port_once_provisioned(entry: Any) -> None:
    container = PRODUCT[entry.name]
    assert container["command"] == ["run", entry.name]
    assert container["ports"] == [f"127.0.0.1:{entry.port}:{entry.port}"]
    assert container["depends_on"]["provision"] == {"condition": "service_completed_successfully"}


def test_the_product_consists_of_the_services_and_two_one_shot_jobs() -> None:
    assert set(PRODUCT) == {e.name for e in SERVICES} | ONE_SHOT


def test_one_container_builds_the_image_that_all_use() -> None:
    assert [name for name, c in CONTAINERS.items() if "build" in c] == ["provision"]
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert {c["image"] for c in PRODUCT.values()} == {f"yibao-desk:{version}"}
    assert (ROOT / CONTAINERS["provision"]["build"]["dockerfile"]).exists()


@pytest.mark.parametrize("name", PRODUCT)
def test_commands_exist_on_the_command_line(name: str) -> None:
    assert no_such_command(PRODUCT[name]["command"]) is None


@each_container
def test_every_yibao_variable_is_a_setting(name: str) -> None:
    named = {key for key in CONTAINERS[name].get("environment", {}) if key.startswith("YIBAO_")}
    assert named <= setting_variables()


@pytest.mark.parametrize("name", PRODUCT)
def test_the_product_runs_without_privileges(name: str) -> None:
    assert PRODUCT[name]["cap_drop"] == ["ALL"]
    assert PRODUCT[name]["security_opt"] == ["no-new-privileges:true"]


def test_servers_answer_on_this_machine_where_the_command_line_looks_by_default() -> None:
    defaults = Settings.model_fields["nats_url"].default + Settings.model_fields["mongo_url"].default
    for name in ("nats", "mongo"):
        published = CONTAINERS[name]["ports"][0].split(":")[1]
        assert f"127.0.0.1:{published}" in defaults


def test_services_look_for_the_servers_under_their_network_names() -> None:
    for container in PRODUCT.values():
        assert container["environment"]["YIBAO_NATS_URL"] == "nats://nats:4222"
        assert container["environment"]["YIBAO_MONGO_URL"].startswith("mongodb://mongo:27017/?replicaSet=rs0")


def test_the_replica_set_has_one_name_everywhere() -> None:
    script = (ROOT / "deploy/mongo/healthcheck.js").read_text(encoding="utf-8")
    command = CONTAINERS["mongo"]["command"]
    assert command[command.index("--replSet") + 1] == "rs0"
    assert '_id: "rs0"' in script and 'host: "mongo:27017"' in script


def test_services_that_keep_files_keep_them_in_a_volume() -> None:
    data_dir = next(i.text for i in dockerfile() if i.name == "WORKDIR" and "/lib/" in i.text)
    keeping = {p.relative_to(ROOT).parts[1] for p in (ROOT / "services").rglob("*.py") if "data_dir" in p.read_text()}
    assert {n for n, c in PRODUCT.items() if any(v.endswith(f":{data_dir}") for v in c.get("volumes", []))} == keeping


def test_all_have_one_secret_key_that_stands_outside_the_repository_and_is_not_forgotten() -> None:
    keys = {container["environment"]["YIBAO_SECRET_KEY"] for container in PRODUCT.values()}
    [key] = keys
    assert key.startswith("${YIBAO_SECRET_KEY:?")


@pytest.mark.parametrize("name", PRODUCT)
def test_each_container_is_its_own_user_of_the_broker(name: str) -> None:
    [own] = [one["path"] for one in PRODUCT[name]["env_file"] if "/nats/" in one["path"]]
    assert own == f"./deploy/nats/{'ops' if name in ONE_SHOT else name}.env"
    assert all("required" not in one for one in PRODUCT[name]["env_file"] if one["path"] == own), "never without"
    assert own.rpartition("/")[2].removesuffix(".env") in USERS


def test_the_console_asks_the_services_under_their_network_names() -> None:
    urls = {f"YIBAO_CONSOLE_{e.name.upper()}_URL": f"http://{e.name}:{e.port}" for e in SERVICES if e.name != "console"}
    environment = PRODUCT["console"]["environment"]
    assert {name: environment[name] for name in urls} == urls


def test_the_office_s_own_sign_in_is_set_in_a_file_that_may_be_missing() -> None:
    assert {"path": "./deploy/console.env", "required": False} in PRODUCT["console"]["env_file"]
    assert "deploy/console.env" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_links_to_sheets_lead_to_the_console() -> None:
    public = PRODUCT["console"]["environment"]["YIBAO_CONSOLE_PUBLIC_URL"]
    assert PRODUCT["stats"]["environment"]["YIBAO_STATS_PUBLIC_URL"] == public


def test_intake_can_use_the_channel_file_that_is_mounted() -> None:
    environment, mounts = PRODUCT["intake"]["environment"], PRODUCT["intake"]["volumes"]
    [source] = [m.split(":")[0] for m in mounts if m.split(":")[1] == environment["YIBAO_CHANNELS"]]
    channels = load(ROOT / source, {})
    assert channels.section("phone", PhoneSettings) is not None
    assert channels.section("wecom", WecomSettings) is None


def test_secrets_of_channels_come_from_a_file_that_may_be_missing() -> None:
    assert {"path": "./deploy/channels.env", "required": False} in PRODUCT["intake"]["env_file"]


def test_stats_can_use_the_file_of_sources_that_is_mounted_and_its_secrets_may_be_missing() -> None:
    environment, mounts = PRODUCT["stats"]["environment"], PRODUCT["stats"]["volumes"]
    [source] = [m.split(":")[0] for m in mounts if m.split(":")[1] == environment["YIBAO_STATS_SOURCES"]]
    assert load_feeds(ROOT / source, {}).feeds == {}
    assert {"path": "./deploy/stats.env", "required": False} in PRODUCT["stats"]["env_file"]


def test_notify_can_use_the_provider_file_that_is_mounted_and_its_secrets_may_be_missing() -> None:
    environment, mounts = PRODUCT["notify"]["environment"], PRODUCT["notify"]["volumes"]
    [source] = [m.split(":")[0] for m in mounts if m.split(":")[1] == environment["YIBAO_NOTIFY_PROVIDERS"]]
    assert load_providers(ROOT / source, {}) == {}, "nobody's telephone rings before somebody wants it"
    assert {"path": "./deploy/providers.env", "required": False} in PRODUCT["notify"]["env_file"]
    assert environment["YIBAO_NOTIFY_LINK_BASE"] == "${YIBAO_NOTIFY_LINK_BASE:-}"


def test_the_directory_that_could_be_loaded_is_mounted_but_nobody_invented_is_loaded_by_itself() -> None:
    assert "./deploy/directory:/etc/yibao/directory:ro" in PRODUCT["intake"]["volumes"]
    assert "YIBAO_DIRECTORY_SEED" not in PRODUCT["intake"]["environment"]
