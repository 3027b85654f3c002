"""The channel file: sections, secrets from the environment, mistakes that are named."""

from pathlib import Path

import pytest

from services.intake.channels.config import ConfigError, load
from services.intake.channels.settings import OnebotSettings, PhoneSettings, WebSettings, WecomSettings
from services.intake.settings import IntakeSettings
from tests.support.wecom import KEY


def written(directory: Path, text: str) -> Path:
    path = directory / "channels.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_shipped_file_has_only_what_needs_no_account() -> None:
    channels = load(IntakeSettings().channels)
    assert channels.section("wecom", WecomSettings) is None and channels.section("onebot", OnebotSettings) is None
    assert channels.section("phone", PhoneSettings) and channels.section("web", WebSettings)


def test_a_secret_comes_from_the_environment(tmp_path: Path) -> None:
    path = written(tmp_path, f"wecom: {{corp_id: ww1, token: '${{T}}', encoding_aes_key: {KEY}}}")
    wecom = load(path, {"T": "from outside"}).section("wecom", WecomSettings)
    assert wecom is not None and wecom.token == "from outside"
    assert KEY not in repr(wecom)


def test_a_channel_can_be_switched_off(tmp_path: Path) -> None:
    assert load(written(tmp_path, "phone: {enabled: false}"), {}).section("phone", PhoneSettings) is None


@pytest.mark.parametrize(
    ("text", "named"),
    [("wecom: {token: '${GONE}'}", "GONE"), ("wechat: {}", "wechat"), ("- wecom", "渠道"), ("a: [", "读不出来")],
)
def test_a_file_that_cannot_be_used_says_why(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        load(written(tmp_path, text), {})


@pytest.mark.parametrize(
    ("text", "named"),
    [("onebot: {acess_token: x}", "acess_token"), ("onebot: {}", "onebot"), ("onebot: {api_url: [1]}", "api_url")],
)
def test_a_section_that_cannot_be_used_names_the_field(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        load(written(tmp_path, text), {}).section("onebot", OnebotSettings)


def test_a_secret_is_never_repeated_in_an_error(tmp_path: Path) -> None:
    channels = load(written(tmp_path, "onebot: {secret: {nested: hush-hush}}"), {})
    with pytest.raises(ConfigError) as error:
        channels.section("onebot", OnebotSettings)
    assert "hush" not in str(error.value)


@pytest.mark.parametrize("text", ['wecom:\n  token: "hush-hush\n', "wecom: {token: hush-hush: x", "wecom: hush-hush\0"])
def test_a_damaged_line_is_not_quoted(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match="读不出来") as error:
        load(written(tmp_path, text), {})
    assert "hush" not in str(error.value)
