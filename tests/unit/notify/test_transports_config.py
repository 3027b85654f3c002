"""The file of providers: what it may say, what it says when it is wrong, and what it costs while nobody uses it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from chassis.errors import CannotStart
from services.notify.providers.config import load
from services.notify.providers.kinds import Dingtalk, Feishu, WecomApp, WecomRobot

ROOT = Path(__file__).parents[3]
ROBOT = "kind: wecom_robot, key: hush-hush"


def written(directory: Path, text: str) -> Path:
    path = directory / "providers.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_without_a_file_there_is_no_provider() -> None:
    assert load(None) == {}


@pytest.mark.parametrize("text", ["", "providers: {}", "providers:"])
def test_a_file_may_name_nobody(tmp_path: Path, text: str) -> None:
    assert load(written(tmp_path, text), {}) == {}


def test_the_example_names_nobody_as_it_is_and_every_kind_once_it_is_uncommented(tmp_path: Path) -> None:
    example = ROOT / "deploy/providers.yaml"
    assert load(example, {}) == {}
    text = example.read_text(encoding="utf-8")
    found = load(written(tmp_path, re.sub(r"(?m)^# (?=  )", "", text)), _Anything())
    assert {one.kind for one in found.values()} == {
        "email", "wecom_robot", "wecom_app", "dingtalk", "feishu", "sms", "webhook", "web_push",
    }  # fmt: skip


class _Anything(dict[str, str]):
    def __contains__(self, name: object) -> bool:
        return True

    def __missing__(self, name: str) -> str:
        return "0123456789abcdef-of-the-environment"


def test_secrets_come_from_the_environment_and_are_not_shown(tmp_path: Path) -> None:
    path = written(tmp_path, "providers: {group: {kind: wecom_robot, key: '${KEY}'}}")
    robot = load(path, {"KEY": "hush-hush"})["group"]
    assert isinstance(robot, WecomRobot) and robot.key.get_secret_value() == "hush-hush"
    assert "hush" not in repr(robot)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("providers: {a: {kind: wecom_robot, key: '${GONE}'}}", "GONE"),
        (f"providers: {{a: {{{ROBOT}, colour: red}}}}", "colour"),
        ("providers: {a: {kind: pigeon}}", "providers.a 没有这种类型 .kind., 可选 email, wecom_robot, .*, web_push;"),
        ("providers: {a: {key: hush-hush}}", "providers.a 缺少类型 .kind., 可选 email"),
        ("providers: {a: {kind: wecom_robot}}", "providers.a.wecom_robot.key 缺少此项"),
        ("providers: {a: {kind: wecom_robot, key: ''}}", "providers.a.wecom_robot.key 为空"),
        (f"providers: {{'A b': {{{ROBOT}}}}}", "providers"),
        (f"providers: {{inbox: {{{ROBOT}}}}}", "收件箱"),
        ("providers: [a]", "形式"),
        ("- a", "形式"),
        ("providers: {a: {", "YAML"),
        (f"providers: {{a: {{{ROBOT}, rate: 0}}}}", "rate"),
        (f"providers: {{a: {{{ROBOT}, timeout_s: 60}}}}", "timeout_s"),
        ("providers: {a: {kind: wecom_robot, key: {deep: hush-hush}}}", "key"),
        ("providers: {a: {kind: webhook, secret: hush-hush-hush-hush}}", "providers.a.webhook"),
    ],
)
def test_a_file_that_cannot_be_used_says_where_and_keeps_its_secrets(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(CannotStart, match=named) as error:
        load(written(tmp_path, text), {})
    assert "hush" not in str(error.value)


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="读不出来"):
        load(tmp_path / "gone.yaml", {})


@pytest.mark.parametrize(
    ("config", "published", "within_s"),
    [
        (WecomRobot(kind="wecom_robot", key="k"), 20, 60),
        (Dingtalk(kind="dingtalk", access_token="t", secret="s"), 20, 60),
        (Feishu(kind="feishu", hook="h", secret="s"), 100, 60),
        (Feishu(kind="feishu", hook="h", secret="s"), 5, 1),
        (WecomApp(kind="wecom_app", corp_id="c", agent_id=1, secret="s"), 10_000, 60),
    ],
)
def test_defaults_never_exceed_what_the_vendor_has_published(
    config: WecomRobot | Dingtalk | Feishu | WecomApp, published: int, within_s: float
) -> None:
    assert config.rate is not None
    assert config.burst + config.rate * within_s / config.per_s <= published


def test_the_file_alone_loads_no_library_of_a_transport() -> None:
    heavy = ("httpx", "jinja2", "cryptography", "smtplib")
    code = (
        "import sys, services.notify.providers.build, services.notify.providers.config\n"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert ran.stdout.strip() == "[]"
