"""What `yibao doctor` says about the file of providers: what would stop notify, without sending and without secrets."""

from pathlib import Path

import pytest

from yibao.providing import providers_trouble

ROOT = Path(__file__).parents[3]
SMS = "kind: sms, base_url: 'https://sms.example', success: 'status == 200'"
MAIL = "kind: email, address: desk@example.org"


def written(directory: Path, text: str) -> Path:
    path = directory / "providers.yaml"
    path.write_text(f"providers: {{{text}}}" if text else "", encoding="utf-8")
    return path


async def test_a_desk_without_providers_is_in_order(tmp_path: Path) -> None:
    assert await providers_trouble(None) is None
    assert await providers_trouble(written(tmp_path, "")) is None
    assert await providers_trouble(ROOT / "deploy/providers.yaml") is None


async def test_a_sound_file_is_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROBOT_KEY", "hush-hush")
    robot, mail = "{kind: wecom_robot, key: '${ROBOT_KEY}'}", f"{{{MAIL}, server: {{host: 127.0.0.1, port: 465}}}}"
    assert await providers_trouble(written(tmp_path, f"group: {robot}, mail: {mail}, gateway: {{{SMS}}}")) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: {kind: wecom_robot, key: '${NOBODY_HAS_SET_THIS}'}", "NOBODY_HAS_SET_THIS"),
        ("a: {kind: pigeon}", "没有这种类型"),
        (f"a: {{{SMS}, body: '{{{{ hush-hush'}}", "body 不是有效的模板"),
        ("a: {kind: web_push, private_key: hush-hush, subject: 'mailto:a@b.cn'}", "private_key 无效"),
        (f"a: {{{MAIL}, server: {{host: mail.cn, port: 465, ca_file: /nowhere/ca.pem}}}}", "/nowhere/ca.pem 不存在"),
    ],
)
async def test_what_would_stop_notify_is_told(tmp_path: Path, text: str, said: str) -> None:
    trouble = await providers_trouble(written(tmp_path, text))
    assert trouble and said in trouble and "hush" not in trouble


async def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    trouble = await providers_trouble(tmp_path / "gone.yaml")
    assert trouble and "gone.yaml 读不出来" in trouble
