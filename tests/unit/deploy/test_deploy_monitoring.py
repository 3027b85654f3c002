"""An alert or a panel on a metric that nobody exports stays silent for ever; here it fails instead."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.unit.deploy.deployment import (
    CHINESE,
    DEPLOY,
    PROMETHEUS,
    ROOT,
    compose,
    exported,
    mentioned_commands,
    no_such_command,
    parsed,
    rules,
    series,
    setting_variables,
    tool,
)
from yibao.services import SERVICES

GRAFANA = DEPLOY / "grafana"
DASHBOARD: dict[str, Any] = json.loads((GRAFANA / "dashboards" / "yibao-desk.json").read_text(encoding="utf-8"))
PANELS = [p for p in DASHBOARD["panels"] if p["type"] != "row"]
ADDED_BY_PROMETHEUS = {"job", "instance", "service"}

QUERIES = {
    **{rule["alert"]: [rule["expr"]] for rule in rules()},
    **{panel["title"]: [target["expr"] for target in panel["targets"]] for panel in PANELS},
    "variable": [v["query"]["query"] for v in DASHBOARD["templating"]["list"]],
}
each_alert = pytest.mark.parametrize("rule", rules(), ids=lambda r: r["alert"])
each_panel = pytest.mark.parametrize("panel", PANELS, ids=lambda p: p["title"])


@pytest.mark.parametrize("where", QUERIES)
def test_queries_name_only_metrics_and_labels_that_exist(where: str) -> None:
    for query in QUERIES[where]:
        names = re.findall(r"\byibao_\w+", query)
        assert not [name for name in names if name not in series()], query
        for name, matchers in re.findall(r"\b(yibao_\w+)\{([^}]*)\}", query):
            labels = set(re.findall(r"(\w+)\s*[=!]~?", matchers))
            assert labels <= series()[name] | ADDED_BY_PROMETHEUS, query
        grouped = {label for by in re.findall(r"\bby \(([^)]*)\)", query) for label in by.split(", ")}
        assert grouped <= ADDED_BY_PROMETHEUS | set().union(*(series()[name] for name in names)), query


@pytest.mark.parametrize("where", QUERIES)
def test_legends_and_texts_show_only_labels_that_the_query_keeps(where: str) -> None:
    shown = {p["title"]: " ".join(t["legendFormat"] for t in p["targets"]) for p in PANELS}
    labels = set(re.findall(r"\{\{\s*(\w+)\s*\}\}", shown.get(where, "")))
    assert all(all(re.search(rf"\bby \([^)]*\b{label}\b", query) for label in labels) for query in QUERIES[where])


@each_alert
def test_alerts_tell_staff_in_chinese_what_happened_and_what_to_do(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in ("critical", "warning", "info")
    assert set(rule["annotations"]) == {"summary", "description"}
    assert all(CHINESE.search(text) for text in rule["annotations"].values())


@each_alert
def test_alerts_name_only_commands_that_exist(rule: dict[str, Any]) -> None:
    for words in mentioned_commands(rule["annotations"]["description"]):
        assert no_such_command(words) is None


def test_every_alert_has_a_test_in_which_it_fires() -> None:
    tests = [t for case in parsed(PROMETHEUS / "rules.test.yml")["tests"] for t in case["alert_rule_test"]]
    assert {t["alertname"] for t in tests if t["exp_alerts"]} == {rule["alert"] for rule in rules()}


def promtool(*arguments: str | Path) -> None:
    done = subprocess.run([tool("promtool"), *arguments], capture_output=True, text=True, check=False, cwd=PROMETHEUS)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", ["prometheus.yml", "prometheus.local.yml"])
def test_promtool_accepts_the_configuration(name: str) -> None:
    promtool("check", "config", name)


def test_promtool_finds_that_alerts_fire_and_stay_quiet_as_they_should() -> None:
    promtool("test", "rules", "rules.test.yml")


def test_promtool_accepts_the_dashboards_queries(tmp_path: Path) -> None:
    queries = [
        q.replace("$__rate_interval", "5m").replace("$durable", ".*") for p in PANELS for q in QUERIES[p["title"]]
    ]
    group = {"name": "panels", "rules": [{"record": f"panel:{n}", "expr": q} for n, q in enumerate(queries)]}
    file = tmp_path / "panels.yml"
    file.write_text(yaml.safe_dump({"groups": [group]}, allow_unicode=True), encoding="utf-8")
    promtool("check", "rules", file)


@pytest.mark.parametrize(("name", "local"), [("prometheus.yml", False), ("prometheus.local.yml", True)])
def test_every_service_is_scraped_on_its_port(name: str, local: bool) -> None:
    [job] = [job for job in parsed(PROMETHEUS / name)["scrape_configs"] if job["job_name"] == "yibao"]
    scraped = {(c["labels"]["service"], target) for c in job["static_configs"] for target in c["targets"]}
    assert scraped == {(e.name, f"{'127.0.0.1' if local else e.name}:{e.port}") for e in SERVICES}


def test_grafana_finds_prometheus_and_the_dashboard_where_compose_puts_them() -> None:
    [source] = parsed(GRAFANA / "provisioning" / "datasources" / "prometheus.yml")["datasources"]
    [provider] = parsed(GRAFANA / "provisioning" / "dashboards" / "yibao.yml")["providers"]
    grafana = compose()["services"]["grafana"]
    assert source["url"] == "http://prometheus:9090"
    assert {p["datasource"]["uid"] for p in PANELS} == {source["uid"]}
    assert f"./deploy/grafana/dashboards:{provider['options']['path']}:ro" in grafana["volumes"]
    assert grafana["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"] == (
        f"{provider['options']['path']}/yibao-desk.json"
    )


def test_the_dashboard_speaks_chinese() -> None:
    assert DASHBOARD["title"] == "医保服务台"
    assert all(CHINESE.search(panel["title"]) for panel in DASHBOARD["panels"])


@each_panel
def test_panels_are_described_and_have_a_unit(panel: dict[str, Any]) -> None:
    assert CHINESE.search(panel["description"])
    assert panel["fieldConfig"]["defaults"]["unit"]


def test_panels_neither_overlap_nor_leave_the_grid() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert at["x"] + at["w"] <= 24 and not cells & taken, panel["title"]
        taken |= cells
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])


def documented() -> dict[str, str]:
    """The rows of docs/metrics.md: metric to labels."""
    text = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    return dict(re.findall(r"(?m)^\| `(yibao_\w+)` \| \w+ \| ([^|]*) \|", text))


def test_the_documentation_lists_exactly_the_exported_metrics_with_their_labels() -> None:
    listed = {name: frozenset(re.findall(r"`(\w+)`", labels)) for name, labels in documented().items()}
    assert listed == exported()


def test_commands_and_variables_named_in_the_deployment_guide_exist() -> None:
    text = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    code = [quoted or line for quoted, line in re.findall(r"`([^`\n]+)`|(?m:^ {4}(\S.*)$)", text)]
    assert len(list(mentioned_commands("\n".join(code)))) > 5
    for words in mentioned_commands("\n".join(code)):
        assert no_such_command(words) is None
    assert set(re.findall(r"\bYIBAO_[A-Z_]+\b", text)) <= setting_variables()
