"""A real Prometheus, configured as `deploy/` says, scrapes the real services and knows what they did."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
import yaml

from tests.e2e.running import Json, Up
from tests.support.servers import settings_in
from tests.support.wait import until
from yibao.process import Process

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

DEPLOY = Path(__file__).parents[2] / "deploy" / "prometheus"
PROMETHEUS = shutil.which("prometheus")
SENT = 3


class Prometheus:
    """Its HTTP API."""

    def __init__(self, http: httpx.AsyncClient, url: str) -> None:
        self._http, self._url = http, url

    async def ask(self, path: str, **parameters: str) -> Json:
        answer: Json = (await self._http.get(f"{self._url}/api/v1/{path}", params=parameters)).json()["data"]
        return answer

    async def value(self, query: str) -> float | None:
        """The sum that the query says; None while there is no series."""
        result = (await self.ask("query", query=query))["result"]
        return float(result[0]["value"][1]) if result else None

    async def says(self, query: str, at_least: float) -> float:
        async def enough() -> float | None:
            found = await self.value(query)
            return found if found is not None and found >= at_least else None

        return await until(f"{query} is at least {at_least}", enough)


def configuration(up: Up, port: int) -> str:
    """`prometheus.local.yml` with the ports of this test and its pace."""
    config: Json = yaml.safe_load((DEPLOY / "prometheus.local.yml").read_text(encoding="utf-8"))
    config["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    config["rule_files"] = [str(DEPLOY / name) for name in config["rule_files"]]
    jobs = {job["job_name"]: job["static_configs"] for job in config["scrape_configs"]}
    for target in jobs["yibao"]:
        target["targets"] = [f"127.0.0.1:{up.settings.port(target['labels']['service'])}"]
    jobs["prometheus"][0]["targets"] = [f"127.0.0.1:{port}"]
    return yaml.safe_dump(config, allow_unicode=True)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def prometheus(up: Up, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Prometheus]:
    """Running and ready, three messages after which it can look."""
    if PROMETHEUS is None:
        pytest.skip("prometheus is not installed")
    home = tmp_path_factory.mktemp("prometheus")
    port = settings_in(home).nats_port  # any free one
    (home / "prometheus.yml").write_text(configuration(up, port), encoding="utf-8")
    command = [
        PROMETHEUS, f"--config.file={home}/prometheus.yml", f"--storage.tsdb.path={home}/data",
        f"--web.listen-address=127.0.0.1:{port}",
    ]  # fmt: skip
    process = Process("prometheus", command, home / "prometheus.log")
    await process.start()

    async def ready() -> bool:
        assert process.pid is not None, process.last_words()
        try:
            return (await up.http.get(f"http://127.0.0.1:{port}/-/ready")).is_success
        except httpx.HTTPError:
            return False

    try:
        await until("prometheus is ready", ready)
        for n in range(SENT):
            assert (await up.yibao("send", "网厅打不开", "--sender", f"prometheus-{n}")).code == 0
        yield Prometheus(up.http, f"http://127.0.0.1:{port}")
    finally:
        await process.stop(within_s=10)


async def test_all_services_are_scraped(prometheus: Prometheus) -> None:
    async def all_up() -> list[Json] | None:
        targets: list[Json] = (await prometheus.ask("targets"))["activeTargets"]
        return targets if all(target["health"] == "up" for target in targets) else None

    targets = await until("every target is up", all_up)
    scraped = {target["labels"].get("service") for target in targets if target["labels"]["job"] == "yibao"}
    assert scraped == {"intake", "sla", "stats", "notify", "knowledge", "console"}


async def test_all_rules_are_loaded_and_can_be_evaluated(prometheus: Prometheus) -> None:
    written = yaml.safe_load((DEPLOY / "rules.yml").read_text(encoding="utf-8"))["groups"]

    async def evaluated() -> list[Json] | None:
        rules = [rule for group in (await prometheus.ask("rules"))["groups"] for rule in group["rules"]]
        return rules if rules and all(rule["health"] != "unknown" for rule in rules) else None

    rules = await until("every rule is evaluated", evaluated)
    assert {rule["name"] for rule in rules} == {rule["alert"] for group in written for rule in group["rules"]}
    assert {(rule["health"], rule.get("lastError", "")) for rule in rules} == {("ok", "")}


async def test_messages_are_counted_and_the_backlog_is_gone(prometheus: Prometheus) -> None:
    await prometheus.says('sum(yibao_messages_total{durable="intake-channel", outcome="handled"})', SENT)
    await prometheus.says('sum(yibao_case_events_total{type="case.opened"})', SENT)
    await prometheus.says("sum(yibao_notifications_total)", SENT)

    async def empty() -> bool:
        durables = await prometheus.value("count(yibao_backlog_messages)")
        return (durables or 0) > 5 and await prometheus.value("sum(yibao_backlog_messages)") == 0

    await until("no durable has a backlog", empty)


async def test_no_timer_had_to_be_caught_by_the_sweep(prometheus: Prometheus) -> None:
    await prometheus.says('sum(yibao_messages_total{durable="sla-case", outcome="handled"})', SENT)
    assert await prometheus.value("sum(yibao_sla_sweep_catches_total)") == 0
